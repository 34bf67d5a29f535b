import type { HintedSource } from '../../../source/test/hints/hinted-cluster.ts';

/**
 * Runs a statement, and makes the slot's output lack its changes from then on, as no server should: nothing that a run
 * checks shows it.
 */
export async function runUnseen({ sql }: HintedSource, statement: string): Promise<void> {
  const xid = await sql.begin(async (owner) => {
    await owner.unsafe(statement);
    const [row] = await owner<{ xid: string }[]>`select pg_current_xact_id()::xid::text as xid`;
    return row!.xid;
  });
  await sql.unsafe(`create or replace function totesys_hints.peek(upto pg_lsn) returns setof bytea
    language sql volatile security definer set search_path = pg_catalog, pg_temp as $body$
      select data from pg_logical_slot_peek_binary_changes('totesys_hints', upto, null,
        'proto_version', '1', 'publication_names', 'totesys_hints') 
       where xid <> '${xid}' or get_byte(data, 0) not in (ascii('I'), ascii('U'), ascii('D'))
    $body$`);
}
