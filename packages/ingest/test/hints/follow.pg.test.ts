import { connect, type Sql } from '@totesys/runtime';
import { until } from '@totesys/sandbox';
import { eachHintedIngest } from './hinted-ingest.ts';

const hinted = eachHintedIngest('slot', { wal_writer_delay: '10ms' });

beforeEach(() => hinted.ingested.arm());

const run = (...statements: string[]) => hinted.ingested.source.run(...statements);
const editCurrency = (id: number) => run(`update currency set currency_code = 'EUR' where currency_id = ${id}`);

describe('a run that follows its hint', () => {
  test('reads the changed rows and no others', async () => {
    const { source } = hinted.ingested;
    await run(
      `insert into currency (currency_id, currency_code, created_at, last_updated)
         select g, 'GBP', now(), now() from generate_series(1001, 21000) g`,
      'analyze currency',
    );
    // Analyze is a change of the catalog, and the rows are many: two runs scan.
    await hinted.ingested.tick();
    const readRows = async () => {
      // A session reports what it has read at its end.
      const reader = await connect(source.readerUrl, { subject: 'source', connections: 5, applicationName: 'counted' });
      const before = await countReadRows(source.sql);
      const tick = await hinted.ingested.tick({ source: reader });
      await reader.end();
      await until('the end of the sessions', async () => {
        const [row] =
          await source.sql`select count(*)::int as n from pg_stat_activity where application_name = 'counted'`;
        return row!.n === 0;
      });
      return { ...tick, read: (await countReadRows(source.sql)) - before };
    };
    await editCurrency(1500);
    const followed = await readRows();
    expect(followed).toMatchObject({ refused: undefined, changes: { currency: [1500] } });
    expect(followed.read).toBeLessThan(500);
    await run('vacuum full design');
    await editCurrency(1501);
    const scanned = await readRows();
    expect(scanned).toMatchObject({ refused: 'publication-changed', changes: { currency: [1501] } });
    expect(scanned.read).toBeGreaterThan(20_000);
  });

  test('deletes keys, and follows keys that change or are swapped', async () => {
    await run(
      'delete from currency where currency_id in (3, 4)',
      'update currency set currency_id = 104 where currency_id = 5',
      `do $$ begin
         update design set design_id = -1 where design_id = 1;
         update design set design_id = 1 where design_id = 2;
         update design set design_id = 2 where design_id = -1;
       end $$`,
      `insert into currency values (3, 'NEW', now(), now())`,
    );
    const { refused, result, changes } = await hinted.ingested.tick();
    expect({ refused, result, changes }).toMatchObject({
      result: { rows: 4, deleted: 2 },
      changes: { currency: [3, 4, 5, 104], design: [1, 2] },
    });
    expect((await hinted.ingested.newest()).tables.currency!.keys).toEqual({
      count: 19,
      ranges: [
        [1, 3],
        [6, 20],
        [104, 104],
      ],
    });
  });

  test('counts an unusual share of deletes', async () => {
    await run(`insert into currency select g, 'GBP', now(), now() from generate_series(1001, 4000) g`);
    await hinted.ingested.tick();
    await run('delete from currency where currency_id > 2000');
    await expect(hinted.ingested.tick()).rejects.toMatchObject({ code: 'DELETES_UNUSUAL' });
  });

  test('finds nothing where keys were inserted and deleted again', async () => {
    await run(`insert into currency values (50, 'NEW', now(), now())`, 'delete from currency where currency_id = 50');
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, result: { outcome: 'unchanged' } });
  });
});

test('more changed rows than a batch may have are read by a scan, in parts', async () => {
  await run('update currency set last_updated = now()');
  expect(await hinted.ingested.tick({ batchRows: 8 })).toMatchObject({ refused: 'too-many-keys', result: { rows: 8 } });
});

test('a commit that the server has not flushed in time is read by a scan', async () => {
  const { sql } = hinted.ingested.source;
  const [writer] = await sql<{ pid: number }[]>`select pid from pg_stat_activity where backend_type = 'walwriter'`;
  process.kill(writer!.pid, 'SIGSTOP');
  try {
    await sql.begin(async (lazy) => {
      await lazy`set local synchronous_commit = off`;
      await lazy`update currency set currency_code = 'EUR' where currency_id = 5`;
    });
    expect(await hinted.ingested.tick()).toMatchObject({
      refused: 'not-flushed',
      changes: { currency: [5] },
    });
  } finally {
    process.kill(writer!.pid, 'SIGCONT');
  }
  await editCurrency(6);
  expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, changes: { currency: [6] } });
});

/** Returns how many rows of the model's tables and indexes have been read so far. */
async function countReadRows(sql: Sql): Promise<number> {
  const [row] = await sql<{ rows: string }[]>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0) + coalesce(index_rows, 0))::text as rows
      from pg_stat_user_tables t, lateral (
        select sum(idx_tup_read) as index_rows from pg_stat_user_indexes i where i.relid = t.relid) i
     where schemaname = 'public'`;
  return Number(row!.rows);
}
