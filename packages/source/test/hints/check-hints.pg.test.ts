import { inTransaction, ONE_SNAPSHOT } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { checkHints, readHintFacts } from '../../src/index.ts';
import { createHintedSource, eachHintedSource, startHintedCluster } from './hinted-cluster.ts';

const hinted = eachHintedSource();

const check = () =>
  inTransaction(hinted.source.reader, ONE_SNAPSHOT, async (connection) =>
    checkHints(totesysModel, await readHintFacts(connection, totesysModel)),
  );

async function faults(): Promise<string[]> {
  return (await check()).flatMap(({ subject, fault }) => (fault === undefined ? [] : [`${subject}: ${fault}`]));
}

test('the SQL of the set-up leaves nothing that the check finds at fault', async () => {
  await hinted.source.setUp();
  expect(await faults()).toEqual([]);
  expect((await check()).map(({ subject }) => subject)).toContain('table sales_order');
});

test('the SQL of the removal leaves nothing of the set-up', async () => {
  await hinted.source.setUp();
  await hinted.source.remove();
  const [left] = await hinted.source.sql`
    select (select count(*)::int from pg_replication_slots) as slots, (select count(*)::int from pg_publication) as publications,
           (select count(*)::int from pg_roles where rolname = 'totesys_hints') as roles,
           to_regnamespace('totesys_hints') is null as "isGone"`;
  expect(left).toEqual({ slots: 0, publications: 0, roles: 0, isGone: true });
  await hinted.source.setUp();
  expect(await faults()).toEqual([]);
});

test('each thing that is missing is a fault with a remedy', async () => {
  expect(await faults()).toEqual([
    ...totesysModel.source.map(({ name }) => `table ${name}: the publication does not name it`),
    'publication totesys_hints: it does not exist',
    'slot totesys_hints: it does not exist',
    'function totesys_hints.peek: it does not exist',
    'function totesys_hints.advance: it does not exist',
  ]);
  expect((await check()).every(({ fault, remedy }) => (fault === undefined) === (remedy === undefined))).toBe(true);
});

test.each([
  [
    "alter publication totesys_hints set (publish = 'insert, update, delete')",
    'publication totesys_hints: it does not publish insert, update, delete and truncate',
  ],
  [
    'alter publication totesys_hints set (publish_via_partition_root = false)',
    'publication totesys_hints: publish_via_partition_root is off',
  ],
  ['alter publication totesys_hints drop table design', 'table design: the publication does not name it'],
  [
    'alter publication totesys_hints drop table design; alter publication totesys_hints add table design where (design_id > 3)',
    'table design: the publication filters its rows',
  ],
  ['alter table staff replica identity full', 'table staff: it has another replica identity'],
  [
    'alter table payment drop constraint payment_pkey',
    'table payment: it has no primary key on the key of the model, or a deferrable one',
  ],
  [
    'alter table payment drop constraint payment_pkey, add primary key (payment_id) deferrable',
    'table payment: it has no primary key on the key of the model, or a deferrable one',
  ],
  ['alter table payment set unlogged', 'table payment: it is not permanent'],
  [
    'create table child () inherits (payment)',
    'table payment: its partition child has no primary key on the key of the model, or a deferrable one',
  ],
  ["select pg_drop_replication_slot('totesys_hints')", 'slot totesys_hints: it does not exist'],
  [
    "select pg_drop_replication_slot('totesys_hints'), pg_create_logical_replication_slot('totesys_hints', 'test_decoding')",
    'slot totesys_hints: expected the plugin pgoutput, got test_decoding',
  ],
  [
    'revoke execute on function totesys_hints.peek(pg_lsn) from hint_reader',
    'function totesys_hints.peek: this role may not call it',
  ],
  ['revoke usage on schema totesys_hints from hint_reader', 'function totesys_hints.peek: this role may not call it'],
  [
    'alter function totesys_hints.advance(pg_lsn) security invoker',
    'function totesys_hints.advance: it does not run with the right REPLICATION',
  ],
  ['alter role totesys_hints noreplication', 'function totesys_hints.peek: it does not run with the right REPLICATION'],
])('after %s the check says so', async (statement, fault) => {
  await hinted.source.setUp();
  // Published tables cannot become unlogged.
  if (statement.includes('unlogged')) await hinted.source.run('alter publication totesys_hints drop table payment');
  await hinted.source.run(statement);
  expect(await faults()).toContain(fault);
});

test('the set-up refuses a table whose UPDATE a publication would break, and creates nothing', async () => {
  await hinted.source.run(
    'alter table payment drop constraint payment_pkey',
    'alter table purchase_order drop constraint purchase_order_pkey cascade',
    'alter table purchase_order add primary key (purchase_order_id) deferrable',
    'alter table staff replica identity full',
  );
  await expect(hinted.source.setUp()).rejects.toMatchObject({
    message: 'These tables cannot be published: payment, purchase_order, staff',
  });
  const [left] = await hinted.source.sql`
    select (select count(*)::int from pg_replication_slots) as slots, (select count(*)::int from pg_publication) as publications,
           to_regnamespace('totesys_hints') is null as "hasNoSchema"`;
  expect(left).toEqual({ slots: 0, publications: 0, hasNoSchema: true });
});

test('the application may update and delete what is published', async () => {
  await hinted.source.run(`insert into currency values (1, 'GBP', now(), now()), (2, 'EUR', now(), now())`);
  await hinted.source.setUp();
  await hinted.source.run(
    `update currency set currency_id = 3 where currency_id = 1`,
    'delete from currency where currency_id = 2',
  );
});

test('the reader calls the two functions, and reaches no other slot', async () => {
  await hinted.source.setUp();
  await hinted.source.run(
    "select pg_create_logical_replication_slot('other', 'pgoutput')",
    `insert into currency values (1, 'GBP', now(), now())`,
  );
  await inTransaction(hinted.source.reader, ONE_SNAPSHOT, async (connection) => {
    const peeked = await connection.unsafe('select d from totesys_hints.peek(pg_current_wal_flush_lsn()) d');
    expect(peeked.length).toBeGreaterThan(2);
    for (const refused of [
      "select pg_drop_replication_slot('other')",
      "select pg_replication_slot_advance('other', pg_current_wal_flush_lsn())",
      "select data from pg_logical_slot_peek_binary_changes('totesys_hints', null, null)",
    ]) {
      await connection.unsafe('savepoint s');
      await expect(connection.unsafe(refused)).rejects.toMatchObject({ code: '42501' });
      await connection.unsafe('rollback to s');
    }
    await connection.unsafe('select totesys_hints.advance(pg_current_wal_flush_lsn())');
  });
  await hinted.source.run("select pg_drop_replication_slot('other')");
});

test('a server without logical decoding or without a limit of kept WAL is at fault', async () => {
  const plain = await startHintedCluster({ wal_level: 'replica', max_slot_wal_keep_size: -1 });
  const other = await createHintedSource(plain, 'totesys');
  try {
    await expect(other.setUp()).rejects.toMatchObject({ message: 'wal_level is replica, expected logical' });
    const checks = await inTransaction(other.reader, ONE_SNAPSHOT, async (connection) =>
      checkHints(totesysModel, await readHintFacts(connection, totesysModel)),
    );
    const found = checks.flatMap(({ subject, fault }) => (fault === undefined ? [] : [subject]));
    expect(found).toEqual(expect.arrayContaining(['wal_level', 'max_slot_wal_keep_size']));
  } finally {
    await other.drop();
    await plain.stop();
  }
});
