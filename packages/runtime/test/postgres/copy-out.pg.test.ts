import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { connect, copyOut, type Sql } from '../../src/index.ts';
import { ENDLESS_COPY_OUT, FAILING_COPY_OUT, PACED_COPY_OUT, terminateCopy } from './copy-statements.ts';

describe('copyOut', () => {
  let database: TestDatabase;
  let sql: Sql;

  beforeAll(async () => {
    database = await createTestDatabase();
    // One connection: the state that a COPY leaves reaches the next statement.
    sql = await connect(database.url, { subject: 'source', connections: 1, applicationName: 'copy-out-test' });
  });
  afterEach(async () => {
    const [row] = await sql`select 1 as one`;
    expect(row).toEqual({ one: 1 });
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  test('streams every byte that the server sends', async () => {
    const text = await readText("copy (select g, 'number ' || g from generate_series(1, 200000) g) to stdout");
    const expected = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\tnumber ${index + 1}\n`).join('');
    expect(text === expected).toBe(true);
  });

  test('streams every byte of rows that are longer than packets and shorter than their heads', async () => {
    const lengths = Array.from({ length: 600 }, (_, index) => (index % 7 === 0 ? (index * 7919) % 200_000 : index % 3));
    const text = await readText(
      `copy (select g || repeat('x', n - 1) from unnest('{${lengths}}'::integer[]) with ordinality as t (n, g)) to stdout`,
    );
    const expected = lengths.map((length, index) => `${index + 1}${'x'.repeat(Math.max(length - 1, 0))}\n`).join('');
    expect(text === expected).toBe(true);
  });

  test.each([0, 1, 500, 700, 1400, 7000, 14_000])('leaves the connection usable after %i rows', async (rows) => {
    const text = await readText(`copy (select repeat('x', 99) from generate_series(1, ${rows})) to stdout`);
    expect(text.length).toBe(rows * 100);
  });

  test('leaves the connection usable where the reader is slower than the server', async () => {
    let bytes = 0;
    for await (const chunk of copyOut(sql, "copy (select repeat('x', 99) from generate_series(1, 50000)) to stdout")) {
      bytes += chunk.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(bytes).toBe(5_000_000);
  });

  test('throws an error that the server meets in the middle', async () => {
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of copyOut(sql, FAILING_COPY_OUT)) bytes += chunk.length;
    })();
    await expect(reading).rejects.toMatchObject({ code: '22012' });
    expect(bytes).toBeGreaterThan(0);
  });

  test('throws an error that comes before the first row', async () => {
    await expect(readText('copy (select 1 from no_such_table) to stdout')).rejects.toMatchObject({ code: '42P01' });
  });

  test('rolls a transaction back when its COPY fails', async () => {
    await sql`create table if not exists rolled_back (id integer)`;
    const work = sql.begin(async (transaction) => {
      await transaction`insert into rolled_back values (1)`;
      for await (const _ of copyOut(transaction, FAILING_COPY_OUT));
    });
    await expect(work).rejects.toMatchObject({ code: '22012' });
    expect(await sql`select * from rolled_back`).toHaveLength(0);
  });

  test('stops the server when its reader breaks off', async () => {
    for await (const chunk of copyOut(sql, ENDLESS_COPY_OUT)) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect(await sql`select 'next' as statement`).toEqual([{ statement: 'next' }]);
  });

  test('stops the server when its reader throws', async () => {
    const reading = (async () => {
      for await (const _ of copyOut(sql, ENDLESS_COPY_OUT)) throw new Error('the reader broke');
    })();
    await expect(reading).rejects.toThrow('the reader broke');
  });

  test('throws when the session is ended in the middle', async () => {
    const [reading] = await Promise.allSettled([
      readText(PACED_COPY_OUT, 1000),
      terminateCopy(database.sql, 'copy-out-test'),
    ]);
    expect(reading).toMatchObject({ status: 'rejected', reason: { code: '57P01', severity: 'FATAL' } });
  });

  /** Reads to the end; `keep` says how much of the text is wanted. */
  async function readText(statement: string, keep = Number.POSITIVE_INFINITY): Promise<string> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of copyOut(sql, statement)) {
      bytes += chunk.length;
      if (bytes <= keep) chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
});
