import { createTestRole, populate } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline } from '../../../system-tests/test/pipeline.ts';
import { eachSetUp, examine, withUrl } from '../doctor/set-up.ts';

const setUp = eachSetUp();

const source = () => setUp.pipeline.source.sql;

test('a sound set-up has no fault, one line for each table and each lake, and nothing is changed', async () => {
  const before = await setUp.pipeline.objects();
  const { code, faults, warnings, passed } = await examine(setUp.places);
  expect({ code, faults, warnings }).toEqual({ code: 0, faults: [], warnings: [] });
  expect(passed).toEqual(
    expect.arrayContaining([
      ...totesysModel.source.map(({ name }) => `source: table ${name}`),
      ...totesysModel.warehouse.map(({ name }) => `warehouse: table ${name}`),
      ...['ingestion: write', 'ingestion: disk', 'processed: write', 'lakes: chain', 'lakes: ledger'],
      ...['source: clock', 'source: pooler', 'source: connections', 'source: TLS', 'source: history'],
    ]),
  );
  expect(await setUp.pipeline.objects()).toEqual(before);
  const { stdout } = await totesys(['doctor'], setUp.places);
  expect(stdout).toContain('ok      source: table staff: SELECT\n');
  expect(stdout).toMatch(/\n\d+ checks: 0 faults, 0 warnings\n$/);
});

/** A broken set-up: what breaks it, the faults that doctor reports for it, and the remedy of the first. */
type Broken = readonly [what: string, breaks: () => Promise<Record<string, string>>, faults: string[], remedy: RegExp];

const BROKEN: readonly Broken[] = [
  [
    'a port where nothing listens',
    async () => ({ WAREHOUSE_URL: withUrl(setUp.pipeline.warehouse.url, { port: '1' }) }),
    ['warehouse: connection'],
    /Check host, port, network and TLS/,
  ],
  [
    'a wrong password',
    async () => ({ SOURCE_URL: withUrl(setUp.reader.url, { password: 'hunter2' }) }),
    ['source: connection'],
    /Correct the user or the password/,
  ],
  [
    'TLS that the server does not have',
    async () => ({ SOURCE_URL: withUrl(setUp.reader.url, { search: '?sslmode=verify-full' }) }),
    ['source: connection'],
    /Switch TLS on in the server/,
  ],
  [
    'a table that the source lacks',
    async () => {
      await source()`drop table payment`;
      return {};
    },
    ['source: table payment'],
    /Restore it, or remove it from the model/,
  ],
  [
    'a column with another type',
    async () => {
      await source()`alter table design alter column file_name type char(300)`;
      return {};
    },
    ['source: table design'],
    /Change it back, or change the model/,
  ],
  [
    'a table that the role may not read',
    async () => {
      await source().unsafe(`revoke select on staff from ${setUp.reader.name}`);
      return {};
    },
    ['source: table staff'],
    /grant select on public\."staff" to test_/,
  ],
  [
    'a schema that the role may not use',
    async () => {
      await source().unsafe('revoke usage on schema public from public');
      return {};
    },
    ['source: schema public'],
    /grant usage on schema public to test_/,
  ],
  [
    'a statement_timeout that ends each statement',
    async () => {
      await source().unsafe(`alter role ${setUp.reader.name} set statement_timeout = '900ms'`);
      return {};
    },
    ['source: statement_timeout'],
    /alter role test_\w+ set statement_timeout = 0/,
  ],
  [
    'hints without their slot',
    async () => ({ HINTS: 'slot' }),
    expect.arrayContaining(['source: hints: wal_level', 'source: hints: slot totesys_hints']),
    /wal_level = 'logical'/,
  ],
  [
    'a warehouse that refuses writes',
    async () => {
      const [database] = await setUp.pipeline.warehouse.sql`select current_database() as name`;
      await setUp.pipeline.warehouse.sql.unsafe(
        `alter database ${database!.name} set default_transaction_read_only = on`,
      );
      return {};
    },
    ['warehouse: primary'],
    /default_transaction_read_only = off/,
  ],
  [
    'a folder in which nothing can be created',
    async () => ({ LAKE: '/proc/totesys-lake', WAREHOUSE_URL: '' }),
    ['ingestion: write', 'processed: write'],
    /Correct the rights of the folder/,
  ],
  [
    'a file instead of a folder',
    async () => ({ LAKE: '/proc/self/status', WAREHOUSE_URL: '' }),
    ['ingestion: lake', 'processed: lake', 'lakes: chain'],
    /Name another folder/,
  ],
  [
    'a clock that is an hour ahead',
    async () => ({
      NODE_OPTIONS: `--import ${new URL('../../../system-tests/test/traps/shifted-clock.mjs', import.meta.url).href}`,
      CLOCK_SHIFT_MS: '3600000',
    }),
    ['source: clock', 'warehouse: clock'],
    /Set the wrong clock/,
  ],
];

describe('a broken set-up is named, with its remedy, and the other checks go on', () => {
  test.each(BROKEN)('%s', async (_what, breaks, expected, remedy) => {
    const { code, faults, checks, passed, stdout } = await examine({ ...setUp.places, ...(await breaks()) });
    expect({ code, faults }).toEqual({ code: 1, faults: expected });
    expect(checks.find(({ state }) => state === 'fault')?.remedy).toMatch(remedy);
    expect(passed.length).toBeGreaterThan(8);
    expect(stdout).not.toContain('hunter2');
  });
});

test('a warehouse whose role may create nothing, empty and after the first load', async () => {
  const empty = await createPipeline();
  const roles = await Promise.all(
    [empty.warehouse, setUp.pipeline.warehouse].map((database) => createTestRole(database, () => '')),
  );
  try {
    const [first, later] = await Promise.all(
      roles.map(({ url: WAREHOUSE_URL }) => examine({ SOURCE_URL: setUp.reader.url, WAREHOUSE_URL })),
    );
    const schemas = ['warehouse: schema public', 'warehouse: schema etl'];
    expect(first).toMatchObject({ code: 1, faults: schemas });
    expect(first!.find(schemas[0]!)?.remedy).toContain(`grant usage, create on schema public to ${roles[0]!.name}`);
    expect(later).toMatchObject({ code: 1, warnings: expect.arrayContaining(schemas) });
    expect(later!.faults).toEqual(totesysModel.warehouse.map(() => expect.stringContaining('warehouse: table')));
  } finally {
    for (const role of roles) await role.drop();
    await empty.close();
  }
});

test('lakes that belong to another source and another warehouse', async () => {
  const other = await createPipeline();
  try {
    await populate(other.source.sql, { seed: 6, salesOrders: 30, purchaseOrders: 10 });
    await other.run();
    const { code, faults, find } = await examine({ ...setUp.places, LAKE: other.lake });
    expect({ code, faults }).toEqual({ code: 1, faults: ['source: history', 'lakes: ledger'] });
    expect(find('source: history')).toMatchObject({ found: 'the ingestion lake belongs to another source' });
  } finally {
    await other.close();
  }
});

test('a role with more rights than SELECT is a warning, and a place that is not named is not checked', async () => {
  const { SOURCE_URL: _, ...others } = setUp.pipeline.places;
  expect(await examine(others)).toMatchObject({ code: 0, faults: [], warnings: ['configuration: source'] });
  expect(await examine(setUp.pipeline.places)).toMatchObject({ code: 0, faults: [], warnings: ['source: rights'] });
  expect((await totesys(['doctor', '--json'])).code).toBe(2);
});
