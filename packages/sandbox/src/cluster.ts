import { appendFile, chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteIdentifier } from '@totesys/schema';
import postgres from 'postgres';
import { reapAbandonedClusters } from './abandoned-clusters.ts';
import { cacheFolder } from './cache-folder.ts';
import { clusterTemplate } from './cluster-template.ts';
import { binariesIn, findPostgresBinaries } from './postgres-binaries.ts';
import { type ServerProcess, type ServerSettings, startServer } from './server-process.ts';
import { findServerUser, giveTo } from './server-user.ts';

/** A running Postgres server of our own. */
export interface Cluster {
  readonly port: number;
  /** The URL of a database for the superuser. */
  url(database: string): string;
  /** Creates a database and returns its URL. */
  createDatabase(name: string, options?: { template?: string }): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  /**
   * Stops and starts the server on the same port; with `crash`, as after a power failure. `whileDown` gets the data
   * folder.
   */
  restart(options?: { crash?: boolean; whileDown?: (data: string) => Promise<void> }): Promise<void>;
  /** Copies the data on disk between a stop and a start; the copy is removed with the cluster. */
  backUp(): Promise<Backup>;
  stop(): Promise<void>;
}

/** The data of a cluster and its superuser's password, with which another cluster can begin. */
export interface Backup {
  readonly data: string;
  readonly password: string;
}

/** Options of a cluster. */
export interface ClusterOptions {
  /** The folder with the programs of another Postgres. */
  readonly programs?: string;
  /** Server settings beside our own. */
  readonly settings?: ServerSettings;
  /**
   * Whether the cluster is initialised for itself, with its own system identifier. All others are copies of one
   * template.
   */
  readonly fresh?: boolean;
  /** A backup to start from; the cluster then has the identity of the one that was copied. */
  readonly backup?: Backup;
  /** The primary that this cluster follows as a standby: the cluster that `backup` is of. */
  readonly standbyOf?: Cluster;
}

/**
 * Starts an embedded Postgres in a folder of its own, on the loopback address; it ends when this process ends, at the
 * latest.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const user = await findServerUser();
  const cache = await cacheFolder(user);
  const binaries =
    options.programs === undefined ? await findPostgresBinaries(cache) : await binariesIn(options.programs);
  const clusters = join(cache, 'clusters');
  await mkdir(clusters, { recursive: true });
  if (user) await chmod(clusters, 0o755);
  await reapAbandonedClusters(clusters);
  // The name shows the owner to later starts.
  const folder = await mkdtemp(join(clusters, `${process.pid}-`));
  try {
    if (user) await chmod(folder, 0o755);
    const templates = options.fresh ? folder : cache;
    const begin = options.backup ?? (await clusterTemplate(templates, binaries, user));
    const data = join(folder, 'data');
    await cp(begin.data, data, { recursive: true });
    if (options.standbyOf) await follow(data, options.standbyOf, begin.password);
    await giveTo(data, user);
    const start = (port?: number) =>
      startServer(join(binaries.folder, 'postgres'), folder, user, {
        ...(port !== undefined && { port }),
        ...options.settings,
      });
    return running(await start(), start, folder, begin.password);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function running(
  first: ServerProcess,
  start: (port: number) => Promise<ServerProcess>,
  folder: string,
  password: string,
): Cluster {
  const { port } = first;
  let server = first;
  let backups = 0;
  const url = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const administer = async (statement: string) => {
    const sql = postgres(url('postgres'), { max: 1, onnotice: () => {} });
    try {
      await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
  };
  const restart: Cluster['restart'] = async ({ crash = false, whileDown } = {}) => {
    await server.stop(crash ? 'SIGQUIT' : 'SIGINT');
    await whileDown?.(join(folder, 'data'));
    server = await start(port);
  };
  return {
    port,
    url,
    createDatabase: async (name, { template } = {}) => {
      const source = template === undefined ? '' : ` template ${quoteIdentifier(template)}`;
      await administer(`create database ${quoteIdentifier(name)}${source}`);
      return url(name);
    },
    dropDatabase: (name) => administer(`drop database if exists ${quoteIdentifier(name)} with (force)`),
    restart,
    backUp: async () => {
      const copy = join(folder, `backup-${++backups}`);
      await restart({ whileDown: (data) => cp(data, copy, { recursive: true }) });
      return { data: copy, password };
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// In a file and not in an argument: other users of the machine can see a command line.
async function follow(data: string, primary: Cluster, password: string): Promise<void> {
  await writeFile(join(data, 'standby.signal'), '');
  await appendFile(
    join(data, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres password=${password}'\n`,
  );
}
