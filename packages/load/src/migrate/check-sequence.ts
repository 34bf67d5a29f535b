import type { Connection } from '@totesys/runtime';
import { type Fact, quoteIdentifier, warehouseRelation } from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';

/** Checks that record ids rise in the order of loading: one by one, from one source, never again from the start. */
export async function checkSequence(sql: Connection, fact: Fact): Promise<void> {
  const [sequence] = await sql.unsafe(
    `select s.seqincrement::text as increment, s.seqcache::text as cache, s.seqcycle as cycle
       from pg_sequence s where s.seqrelid = pg_get_serial_sequence($1::text, $2::text)::regclass`,
    [warehouseRelation(fact.name), fact.recordId],
  );
  const unfit = (fault: string, expected: string, got: string) =>
    warehouseUnfit(fact.name, `column '${fact.recordId}' ${fault}`, expected, got);
  if (!sequence) throw unfit('has no sequence of its own', 'a serial', 'none');
  const [column] = await sql.unsafe(
    `select format_type(atttypid, atttypmod) as type, atthasdef or attidentity <> '' as numbered
       from pg_attribute where attrelid = to_regclass($1::text) and attname = $2::text`,
    [warehouseRelation(fact.name), fact.recordId],
  );
  if (column?.type !== 'integer') throw unfit('has another type', 'integer', column?.type);
  if (column.numbered !== true) throw unfit('takes no number by itself', 'a serial', 'no default');
  const got = `increment ${sequence.increment}, cache ${sequence.cache}${sequence.cycle ? ', cycle' : ''}`;
  if (got !== 'increment 1, cache 1') {
    throw unfit('has a sequence that does not rise one by one', 'increment 1, cache 1', got);
  }
  await checkNextRecordId(sql, fact, 0);
}

/**
 * Checks that the next record id is above all that are there and above `known`, the last one that the ledger has. A table that was copied with
 * its rows, or a sequence that was set back, would give a version a number below the one before it.
 */
export async function checkNextRecordId(sql: Connection, fact: Fact, known: number): Promise<void> {
  // A number is drawn only where the sequence seems to be behind: one that was restarted shows its next number only then.
  const [row] = await sql.unsafe(
    `select h.highest::text as highest,
            case when coalesce(pg_sequence_last_value(s.oid), 0) < h.highest then nextval(s.oid) <= h.highest else false end as behind
       from (select pg_get_serial_sequence($1::text, $2::text)::regclass as oid) s,
            (select greatest(max(${quoteIdentifier(fact.recordId)}), $3::bigint) as highest from ${warehouseRelation(fact.name)}) h`,
    [warehouseRelation(fact.name), fact.recordId, known],
  );
  if (row?.behind !== true) return;
  const fault = `column '${fact.recordId}' has ids that its sequence has yet to assign (setval corrects it)`;
  throw warehouseUnfit(fact.name, fault, `a sequence at ${row.highest} or beyond`, 'one that is behind');
}
