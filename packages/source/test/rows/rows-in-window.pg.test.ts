import { connect, copyIn, type Sql } from '@totesys/runtime';
import { type Cluster, findFullPostgres, startCluster } from '@totesys/sandbox';
import { integer, required, sourceTable } from '@totesys/schema';
import { selectInWindow } from '../../src/rows/coverage.ts';
import { countDistinctRows } from '../../src/rows/distinct-keys.ts';
import { readKeys, setRowSelection } from '../../src/rows/read-rows.ts';
import { type FenceWindow, fenceWindow } from '../../src/snapshot/fence.ts';
import { countRows } from '../../src/sql/count-rows.ts';
import { IN_WINDOW_BY_MODULO, MOST_FOUND_KEYS, type RowSelection } from '../../src/sql/row-selection.ts';

const kinds = sourceTable('kinds', 'id', { id: required(integer()), note: required(integer()) });
const PROVEN = new Set(['kinds']);
const TABLES = `
  create table kinds (id integer primary key, note integer not null) partition by range (id);
  create table kinds_low partition of kinds for values from (0) to (1000);
  create table kinds_mid partition of kinds for values from (1000) to (2000);
  create table kinds_high partition of kinds for values from (2000) to (10000000)`;

const COPY_FROZEN = 'copy kinds_high from stdin (freeze)';

// Each is one script.
const WRITES: readonly [string, string][] = [
  ['rows', 'insert into kinds select g, g from generate_series(1, 30) g'],
  ['rows that vacuum froze', 'vacuum (freeze) kinds'],
  [
    'more subtransactions than a snapshot lists',
    `do $$ begin
       insert into kinds values (100, 0);
       for i in 101 .. 180 loop
         begin insert into kinds values (i, i); exception when division_by_zero then null; end;
       end loop;
     end $$`,
  ],
  ['edits', 'update kinds set note = note where id % 5 = 0'],
  ['a row that moves to another partition', 'update kinds set id = 1007 where id = 7'],
  ['an open prepared transaction', `begin; update kinds set note = 1 where id = 1; prepare transaction 'kept'`],
  ['a row beside it', 'insert into kinds values (1300, 2)'],
  ['its commit', `commit prepared 'kept'`],
  [
    'a savepoint rolled back',
    'begin; savepoint s; update kinds set note = 2; rollback to s; delete from kinds where id = 2; commit',
  ],
  ['rows that COPY froze', COPY_FROZEN],
  ['rows frozen again', 'vacuum (freeze) kinds'],
  ['a frozen row that is edited', 'update kinds set note = 3 where id = 3'],
];

const programs = await findFullPostgres();
const servers: [string, { programs?: string }][] = [
  ['the embedded Postgres', {}],
  ...(typeof programs === 'string' ? [['a full Postgres', { programs }] as [string, { programs: string }]] : []),
];

describe.each(servers)('the rows in the window, on %s,', (_name, options) => {
  let cluster: Cluster;
  let sql: Sql;

  beforeAll(async () => {
    cluster = await startCluster({ ...options, settings: { autovacuum: 'off', max_prepared_transactions: '2' } });
    const url = await cluster.createDatabase('kinds');
    sql = await connect(url, { subject: 'source', connections: 1, applicationName: 'test' });
    await sql.unsafe(TABLES);
  });

  afterAll(async () => {
    await sql?.end();
    await cluster?.stop();
  });

  // A new connection each time: age() is fixed within a transaction.
  async function inTransaction<T>(work: (connection: Awaited<ReturnType<Sql['reserve']>>) => Promise<T>): Promise<T> {
    const connection = await sql.reserve();
    try {
      await connection`begin isolation level repeatable read read only`;
      return await work(connection);
    } finally {
      await connection`rollback`;
      connection.release();
    }
  }

  // The windows from each id that a row shows up to each later one and to the snapshot's xmax.
  async function windows(): Promise<FenceWindow[]> {
    const [fence] = await sql<{ xmax: string; ids: string[] }[]>`
      select pg_snapshot_xmax(pg_current_snapshot())::text as xmax,
             array(select distinct xmin::text::int from kinds order by 1)::text[] as ids`;
    const ids = fence!.ids.filter((_, i) => i % 9 === 0 || i > fence!.ids.length - 8);
    const ends = [...ids, fence!.xmax];
    return ids.flatMap((xmin) =>
      ends.filter((xmax) => +xmax > +xmin).map((xmax) => fenceWindow({ xmin, xmax: xmin }, { xmin: xmax, xmax })),
    );
  }

  test('are the same by ages and by the predicate modulo 2³², after each kind of write', async () => {
    for (const [what, script] of WRITES) {
      if (script === COPY_FROZEN) await copyFrozen(sql);
      else await sql.unsafe(script);
      for (const window of await windows()) {
        await inTransaction(async (connection) => {
          const from = { connection, table: kinds, window };
          const { total, keysInWindow } = await countDistinctRows(from, {}, PROVEN);
          const keysOf = async (selection: RowSelection) => {
            const keys: number[] = [];
            await readKeys(from, selection, (_xmin, key) => keys.push(key));
            return keys.sort((a, b) => a - b);
          };
          await setRowSelection(connection, {}, window);
          const rows = await connection.unsafe(`select id from kinds t where ${IN_WINDOW_BY_MODULO} order by id`);
          const expected = rows.map(({ id }) => id);
          const counted = [...keysInWindow!].sort((a, b) => a - b);
          const read = await keysOf({ inWindow: true });
          const listed = await keysOf(selectInWindow(kinds, 'full', { keysInWindow: counted }));
          expect({ what, window, counted, read, listed }).toEqual({
            what,
            window,
            counted: expected,
            read: expected,
            listed: expected,
          });
          const [all] = await connection`select count(*)::int as rows from kinds`;
          expect(total).toBe(all!.rows);
        });
      }
    }
  });

  test('are counted and not listed if they are more than a scan lists', async () => {
    const [{ xmax } = {}] = await sql`select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`;
    const window = () => fenceWindow({ xmin: xmax, xmax }, { xmin: String(+xmax + 1), xmax: String(+xmax + 1) });
    await sql`insert into kinds select g, g from generate_series(100000, ${99_999 + MOST_FOUND_KEYS}::int) g`;
    const count = () =>
      inTransaction((connection) => countDistinctRows({ connection, table: kinds, window: window() }, {}, PROVEN));
    const { total, ...most } = await count();
    expect(most).toEqual({ inWindow: MOST_FOUND_KEYS });
    expect(total).toBeGreaterThan(MOST_FOUND_KEYS);
    await sql`update kinds set note = 0 where id = 100000`;
    const { inWindow, keysInWindow } = await count();
    expect(inWindow).toBe(MOST_FOUND_KEYS - 1);
    expect(keysInWindow).toHaveLength(MOST_FOUND_KEYS - 1);
  });

  test('are listed up to a limit, so that a large window does not fill the memory of the server', async () => {
    const [{ xmax } = {}] = await sql`select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`;
    await sql`insert into kinds select g, g from generate_series(1000000, ${1_000_009 + MOST_FOUND_KEYS}::int) g`;
    const window = fenceWindow({ xmin: xmax, xmax }, { xmin: String(+xmax + 1), xmax: String(+xmax + 1) });
    await inTransaction(async (connection) => {
      await setRowSelection(connection, {}, window);
      const [row] = await connection.unsafe(countRows(kinds, {}, { window: 'keys' }));
      const [found] = await connection`select current_setting('totesys.found')::int as keys`;
      expect([JSON.parse(row!.found).length, found!.keys]).toEqual([MOST_FOUND_KEYS, MOST_FOUND_KEYS]);
    });
  });
});

async function copyFrozen(sql: Sql): Promise<void> {
  const connection = await sql.reserve();
  try {
    await connection`begin`;
    await connection`truncate kinds_high`;
    await copyIn(connection, COPY_FROZEN, [Buffer.from('2500\t1\n2501\t2\n')]);
    await connection`commit`;
  } finally {
    connection.release();
  }
}
