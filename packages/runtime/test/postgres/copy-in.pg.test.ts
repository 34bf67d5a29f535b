import { Socket } from 'node:net';
import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { connect, copyIn, copyOut, type Sql } from '../../src/index.ts';
import { endlessLines, lines, terminateCopy } from './copy-statements.ts';

const COPY_IN = 'copy target from stdin';

describe('copyIn', () => {
  let database: TestDatabase;
  let sql: Sql;

  beforeAll(async () => {
    database = await createTestDatabase();
    sql = await connect(database.url, { subject: 'warehouse', connections: 1, applicationName: 'copy-in-test' });
    await sql`create table target (id integer primary key, label text)`;
  });
  beforeEach(() => sql`truncate target`);
  afterEach(async () => {
    const [row] = await sql`select 1 as one`;
    expect(row).toEqual({ one: 1 });
  });
  afterAll(async () => {
    await sql.end();
    await database.drop();
  });

  test('streams rows of a synchronous and of an asynchronous source', async () => {
    await copyIn(sql, COPY_IN, [lines(0), lines(1000)]);
    await copyIn(sql, COPY_IN, asynchronous([lines(2000)]));
    expect(await count()).toBe(3000);
  });

  test('goes over a socket that holds nothing back, or each COPY would wait for a delayed acknowledgement', async () => {
    const { setNoDelay } = Socket.prototype;
    const asked: (boolean | undefined)[] = [];
    Socket.prototype.setNoDelay = function (noDelay) {
      asked.push(noDelay);
      return setNoDelay.call(this, noDelay);
    };
    try {
      const other = await connect(database.url, { subject: 'warehouse', connections: 1, applicationName: 'no-delay' });
      await other.end();
    } finally {
      Socket.prototype.setNoDelay = setNoDelay;
    }
    expect(asked).toEqual([true]);
  });

  test('takes no rows, and chunks larger than a message', async () => {
    await copyIn(sql, COPY_IN, []);
    expect(await count()).toBe(0);
    await copyIn(sql, COPY_IN, [Buffer.from(`1\t${'x'.repeat(3_000_000)}\n`)]);
    expect(await sql`select id, length(label) from target`).toEqual([{ id: 1, length: 3_000_000 }]);
  });

  test('carries binary rows back as they came out', async () => {
    await copyIn(sql, COPY_IN, [lines(0)]);
    await sql`create table if not exists copied (like target)`;
    const reader = await connect(database.url, { subject: 'source', connections: 1, applicationName: 'reader' });
    await copyIn(
      sql,
      'copy copied from stdin (format binary)',
      copyOut(reader, 'copy target to stdout (format binary)'),
    );
    await reader.end();
    expect(await sql`select * from target except select * from copied`).toHaveLength(0);
  });

  test('rejects when a row in the middle violates a key, though the source would go on for ever', async () => {
    function* source() {
      yield lines(0);
      yield lines(0);
      yield* endlessLines();
    }
    await expect(copyIn(sql, COPY_IN, source())).rejects.toMatchObject({ code: '23505' });
    expect(await count()).toBe(0);
  });

  test('rejects when the last row violates a key', async () => {
    await expect(copyIn(sql, COPY_IN, [lines(0), Buffer.from('1\tagain\n')])).rejects.toMatchObject({ code: '23505' });
  });

  test('rejects garbage', async () => {
    const garbage = copyIn(sql, 'copy target from stdin (format binary)', endlessLines());
    await expect(garbage).rejects.toMatchObject({ code: '22P04' });
  });

  test('rejects while the source is still awaited', async () => {
    let release = () => {};
    async function* source() {
      yield Buffer.from('no number\tx\n'.repeat(20_000));
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    }
    await expect(copyIn(sql, COPY_IN, source())).rejects.toMatchObject({ code: '22P02' });
    release();
  });

  test('rejects where the statement itself fails', async () => {
    await expect(copyIn(sql, 'copy no_such_table from stdin', [lines(0)])).rejects.toMatchObject({ code: '42P01' });
  });

  test("rejects with the source's error and keeps none of its rows", async () => {
    function* source() {
      yield lines(0);
      throw new Error('the source broke');
    }
    await expect(copyIn(sql, COPY_IN, source())).rejects.toThrow('the source broke');
    expect(await count()).toBe(0);
  });

  test('rolls a transaction back when its COPY fails', async () => {
    await copyIn(sql, COPY_IN, [lines(0)]);
    const work = sql.begin(async (transaction) => {
      await transaction`delete from target`;
      await copyIn(transaction, COPY_IN, [lines(5000), lines(5000)]);
    });
    await expect(work).rejects.toMatchObject({ code: '23505' });
    expect(await count()).toBe(1000);
  });

  test('rejects when the session is ended in the middle, and keeps none of the rows', async () => {
    const [copying] = await Promise.allSettled([
      copyIn(sql, COPY_IN, endlessLines()),
      terminateCopy(database.sql, 'copy-in-test'),
    ]);
    expect(copying.status).toBe('rejected');
    expect(await count()).toBe(0);
  });

  async function count(): Promise<number> {
    const [row] = await sql`select count(*)::integer as rows from target`;
    return row?.rows;
  }
});

async function* asynchronous(chunks: Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
