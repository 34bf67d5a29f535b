import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let ingested: IngestedSource;

beforeEach(async () => {
  ingested = await createIngestedSource();
});

afterEach(() => ingested.close());

interface Refusal {
  readonly name: string;
  readonly result: string;
  readonly sqlState: string;
  readonly message: string;
}

const WAL_LEVEL = { result: 'pg_lsn', sqlState: '55000', message: "wal_level must be set to 'logical'" };
const NOT_FOR_AURORA = {
  name: 'pg_last_wal_replay_lsn',
  result: 'pg_lsn',
  sqlState: '0A000',
  message: 'Function pg_last_wal_replay_lsn() is currently not supported for Aurora',
};

/**
 * Has the test's database answer a function of the server as another product does. The server keeps its own function
 * under another name.
 */
async function refuse({ name, result, sqlState, message }: Refusal): Promise<void> {
  await replace(
    name,
    result,
    `begin raise exception using errcode = '${sqlState}', message = '${message.replaceAll("'", "''")}'; end`,
  );
}

const replace = (name: string, result: string, body: string) =>
  ingested.database.sql.unsafe(`
    set allow_system_table_mods = on;
    alter function pg_catalog.${name}() rename to server_${name};
    create function pg_catalog.${name}() returns ${result} language plpgsql as $$ ${body} $$;
    reset allow_system_table_mods`);

const refused = (...words: string[]) => ({
  code: 'SOURCE_UNSUPPORTED',
  message: expect.stringMatching(words.map((word) => `(?=.*${word})`).join('')),
});

test.each(['pg_current_wal_lsn', 'pg_current_wal_flush_lsn', 'pg_current_wal_insert_lsn'])(
  'an Aurora writer whose %s refuses is refused with the setting to make, and nothing is written',
  async (name) => {
    await refuse({ name, ...WAL_LEVEL });
    await expect(ingested.run()).rejects.toMatchObject(
      refused("wal_level must be set to 'logical'", 'rds.logical_replication = 1', 'writer endpoint'),
    );
    expect(await ingested.objectKeys()).toEqual([]);
  },
);

test('an Aurora reader is refused with the endpoint to name, also after batches of the writer', async () => {
  await ingested.run();
  const before = await ingested.objectKeys();
  await replace('pg_is_in_recovery', 'boolean', 'begin return true; end');
  await refuse(NOT_FOR_AURORA);
  await expect(ingested.run()).rejects.toMatchObject(refused('not supported for Aurora', 'writer endpoint'));
  expect(await ingested.objectKeys()).toEqual(before);
});

test('a server that lacks a function is refused by its words', async () => {
  await ingested.database.sql.unsafe(`
    set allow_system_table_mods = on; alter function pg_catalog.pg_control_system() rename to server_control_system`);
  await expect(ingested.run()).rejects.toMatchObject(refused('pg_control_system', 'primary or a standby'));
});

test('a standby that does not say how far it has replayed is refused', async () => {
  await replace('pg_is_in_recovery', 'boolean', 'begin return true; end');
  await expect(ingested.run()).rejects.toMatchObject(refused('wal position', 'first replay'));
});

test('functions that only witnesses need may be refused: the run goes on without them', async () => {
  const result = 'timestamptz';
  await refuse({ name: 'pg_postmaster_start_time', result, sqlState: '0A000', message: 'not supported' });
  expect(await ingested.run()).toMatchObject({ outcome: 'committed' });
  expect(await ingested.run()).toMatchObject({ outcome: 'unchanged', warnings: [] });
  expect((await ingested.newest()).source).not.toHaveProperty('startedAt');
});
