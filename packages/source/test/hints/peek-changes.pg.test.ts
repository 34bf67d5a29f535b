import { totesysModel } from '@totesys/schema';
import { type Candidates, type HintRefusal, parseLsn, peekChanges } from '../../src/index.ts';
import { eachHintedSource } from './hinted-cluster.ts';

const hinted = eachHintedSource();

beforeEach(async () => {
  await hinted.source.run(
    `insert into currency (currency_id, currency_code, created_at, last_updated) select g, 'GBP', now(), now() from generate_series(1, 9) g`,
    `insert into design (design_id, design_name, file_location, file_name, created_at, last_updated)
       select g, 'name', '/a', 'b', now(), now() from generate_series(1, 9) g`,
  );
  await hinted.source.setUp();
});

async function peek(sees: (xid: number) => boolean = () => true): Promise<Candidates> {
  const [row] = await hinted.source.sql<{ at: string }[]>`select pg_current_wal_insert_lsn()::text as at`;
  return await peekChanges(hinted.source.reader, { model: totesysModel, upto: parseLsn(row!.at), sees });
}

function keysOf({ keys }: Candidates): Record<string, number[]> {
  return Object.fromEntries([...keys].map(([table, set]) => [table, [...set.keys()]]));
}

test.each<[string, string[], Record<string, number[]>]>([
  [
    'an insert',
    [`insert into currency (currency_id, currency_code, created_at, last_updated) values (20, 'EUR', now(), now())`],
    { currency: [20] },
  ],
  ['an update', [`update currency set currency_code = 'EUR' where currency_id = 3`], { currency: [3] }],
  ['a changed key, old and new', ['update currency set currency_id = 30 where currency_id = 3'], { currency: [3, 30] }],
  ['a delete', ['delete from currency where currency_id = 4'], { currency: [4] }],
  [
    'rows of several tables and transactions',
    [
      'delete from currency where currency_id = 4',
      'delete from design where design_id > 7',
      'update currency set last_updated = now() where currency_id = 1',
    ],
    { currency: [1, 4], design: [8, 9] },
  ],
  [
    'rows below savepoints, without those rolled back',
    [
      `do $$ begin
        update currency set last_updated = now() where currency_id = 1;
        begin update currency set last_updated = now() where currency_id = 2; exception when others then null; end;
        begin update currency set last_updated = now() where currency_id = 5; raise exception 'x'; exception when others then null; end;
      end $$`,
    ],
    { currency: [1, 2] },
  ],
  ['no row of a table that is not in the model', [`insert into _prisma_migrations values ('a', 'b', now())`], {}],
])('has %s', async (_name, statements, expected) => {
  await hinted.source.run(...statements);
  const candidates = await peek();
  expect(keysOf(candidates)).toEqual(expected);
  expect(candidates).toMatchObject({ truncated: new Set(), firstUnseen: undefined });
});

test('names the tables that a TRUNCATE empties, with those that it cascades to', async () => {
  await hinted.source.run('truncate design cascade');
  expect((await peek()).truncated).toEqual(new Set(['design', 'sales_order', 'transaction', 'payment']));
});

test('reads the same again until the slot is advanced', async () => {
  await hinted.source.run('delete from currency where currency_id = 4');
  expect(await peek()).toEqual(await peek());
});

test('leaves out a transaction that the snapshot does not see, and says where its commit begins', async () => {
  await hinted.source.run('delete from currency where currency_id = 4');
  const [before] = await hinted.source.sql<{ at: string }[]>`select pg_current_wal_insert_lsn()::text as at`;
  const xid = await hinted.source.sql.begin(async (sql) => {
    await sql`delete from currency where currency_id = 5`;
    const [row] = await sql<{ id: string }[]>`select pg_current_xact_id()::text as id`;
    return Number(row!.id);
  });
  const [after] = await hinted.source.sql<{ at: string }[]>`select pg_current_wal_insert_lsn()::text as at`;
  await hinted.source.run('delete from currency where currency_id = 6');
  const candidates = await peek((id) => id !== xid);
  expect(keysOf(candidates)).toEqual({ currency: [4, 6] });
  expect(candidates.firstUnseen! > parseLsn(before!.at)).toBe(true);
  expect(candidates.firstUnseen! < parseLsn(after!.at)).toBe(true);
});

test('is refused without a slot, without the right, and with too many changes', async () => {
  await hinted.source.run(
    `insert into currency (currency_id, currency_code, created_at, last_updated) select g, 'GBP', now(), now() from generate_series(1000, 201000) g`,
  );
  const refusal = async () => await peek().catch((error: HintRefusal) => error.reason);
  expect(await refusal()).toBe('too-many-keys');
  await hinted.source.run('revoke execute on function totesys_hints.peek(pg_lsn) from hint_reader');
  expect(await refusal()).toBe('peek-failed');
  await hinted.source.run('grant execute on function totesys_hints.peek(pg_lsn) to hint_reader');
  await hinted.source.run(`select pg_drop_replication_slot('totesys_hints')`);
  expect(await refusal()).toBe('peek-failed');
  await hinted.source.run(`select pg_create_logical_replication_slot('totesys_hints', 'test_decoding')`);
  expect(await refusal()).toBe('peek-failed');
});
