import { connect, type Sql } from '@totesys/runtime';
import { type Cluster, createTotesysSchema, startCluster } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { hintRemoval, hintSetup } from '../../src/hints/hint-statements.ts';

/** The role that reads the source: it may SELECT and log in. */
const READER = 'hint_reader';

/** The settings of a server with logical decoding. */
export const HINTED_SETTINGS = {
  wal_level: 'logical',
  max_slot_wal_keep_size: '10GB',
  max_prepared_transactions: 10,
  // An ANALYZE of autovacuum is an open transaction, for which hints rightly wait.
  autovacuum: 'off',
};

/** A database with the tables of totesys on a cluster with logical decoding; `sql` is the superuser's. */
export interface HintedSource {
  readonly name: string;
  readonly sql: Sql;
  /** The URL of a role that may only SELECT, and call what the set-up grants. */
  readonly readerUrl: string;
  /** The pool of that role. */
  readonly reader: Sql;
  /** Runs the SQL of the set-up, or of the removal, as the owner. */
  setUp(): Promise<void>;
  remove(): Promise<void>;
  /** Runs a script of statements as the owner. */
  runScript(script: string): Promise<void>;
  /** Runs statements, one after another, each as a transaction of its own. */
  run(...statements: string[]): Promise<void>;
  drop(): Promise<void>;
}

/** Starts a cluster with logical decoding; `settings` are further settings of the server. */
export function startHintedCluster(settings: Record<string, string | number> = {}): Promise<Cluster> {
  return startCluster({ settings: { ...HINTED_SETTINGS, ...settings } });
}

/** Creates a database on the cluster with the tables of totesys, without a set-up. The slot belongs to the cluster. */
export async function createHintedSource(cluster: Cluster, name: string): Promise<HintedSource> {
  const url = await cluster.createDatabase(name);
  const sql = await connect(url, { subject: 'source', connections: 8, applicationName: 'owner' });
  await createTotesysSchema(sql);
  const [found] = await sql`select from pg_roles where rolname = ${READER}`;
  if (!found) await sql.unsafe(`create role ${READER} login password 'x'`);
  await sql.unsafe(`grant select on all tables in schema public to ${READER}`);
  const readerUrl = new URL(url);
  [readerUrl.username, readerUrl.password] = [READER, 'x'];
  const reader = await connect(readerUrl.href, { subject: 'source', connections: 5, applicationName: 'test' });
  const run = async (...statements: string[]) => {
    for (const statement of statements) await sql.unsafe(statement);
  };
  const runScript = async (script: string) => {
    const owner = await sql.reserve();
    try {
      await owner.unsafe(script);
    } finally {
      await owner.unsafe('rollback');
      owner.release();
    }
  };
  return {
    name,
    sql,
    readerUrl: readerUrl.href,
    reader,
    setUp: () => runScript(hintSetup(totesysModel, { reader: READER, hasRdsReplication: false })),
    runScript,
    remove: () => runScript(hintRemoval()),
    run,
    drop: async () => {
      await reader.end({ timeout: 1 });
      await runScript(hintRemoval());
      await sql.end({ timeout: 1 });
      await cluster.dropDatabase(name);
    },
  };
}

/** What each test of a suite has. */
export interface EachHinted {
  readonly cluster: Cluster;
  readonly source: HintedSource;
}

/** Starts a cluster for a suite, and makes a source on it for each test. */
export function eachHintedSource(settings: Record<string, string | number> = {}): EachHinted {
  let cluster: Cluster;
  let source: HintedSource;
  beforeAll(async () => {
    cluster = await startHintedCluster(settings);
  });
  afterAll(() => cluster.stop());
  beforeEach(async () => {
    source = await createHintedSource(cluster, 'totesys');
  });
  afterEach(() => source.drop());
  return {
    get cluster() {
      return cluster;
    },
    get source() {
      return source;
    },
  };
}
