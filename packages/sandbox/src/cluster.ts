import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { quoteIdentifier } from '@totesys/schema';
import postgres from 'postgres';
import { reapAbandonedClusters } from './abandoned-clusters.ts';
import { cacheFolder } from './cache-folder.ts';
import { clusterTemplate } from './cluster-template.ts';
import { findPostgresBinaries } from './postgres-binaries.ts';
import { type ServerProcess, startServer } from './server-process.ts';
import { findServerUser, giveTo } from './server-user.ts';

/** A running Postgres server of our own. */
export interface Cluster {
  readonly port: number;
  /** The URL of a database for the superuser. */
  url(database: string): string;
  /** Creates a database and gives its URL. */
  createDatabase(name: string, options?: { template?: string }): Promise<string>;
  dropDatabase(name: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts an embedded Postgres in a folder of its own, on the loopback address; it ends with this process at the latest. */
export async function startCluster(): Promise<Cluster> {
  const user = await findServerUser();
  const cache = await cacheFolder(user);
  const binaries = await findPostgresBinaries(cache);
  const clusters = join(cache, 'clusters');
  await mkdir(clusters, { recursive: true });
  if (user) await chmod(clusters, 0o755);
  await reapAbandonedClusters(clusters);
  const template = await clusterTemplate(cache, binaries, user);
  // The next start knows by this name whose it is.
  const folder = await mkdtemp(join(clusters, `${process.pid}-`));
  try {
    if (user) await chmod(folder, 0o755);
    await cp(template.data, join(folder, 'data'), { recursive: true });
    await giveTo(join(folder, 'data'), user);
    return running(await startServer(join(binaries.folder, 'postgres'), folder, user), folder, template.password);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function running(server: ServerProcess, folder: string, password: string): Cluster {
  const { port } = server;
  const url = (database: string) => `postgres://postgres:${password}@127.0.0.1:${port}/${database}`;
  const administer = async (statement: string) => {
    const sql = postgres(url('postgres'), { max: 1, onnotice: () => {} });
    try {
      await sql.unsafe(statement);
    } finally {
      await sql.end();
    }
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
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
