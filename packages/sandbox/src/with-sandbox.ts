import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Cluster, startCluster } from './cluster.ts';
import type { ServerSettings } from './server-process.ts';

/** An embedded server, two empty databases on it, and a folder for a lake. */
export interface Sandbox {
  readonly cluster: Cluster;
  readonly sourceUrl: string;
  readonly warehouseUrl: string;
  readonly folder: string;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
}

/** The place of a sandbox, and the settings of its server. */
export interface SandboxOptions {
  /** The folder in which the sandbox's folder is created. */
  readonly parent?: string;
  /** The server's settings besides the usual ones. */
  readonly settings?: ServerSettings;
}

/** The exit code of a process that SIGINT ends: 128 and the number of the signal. */
const INTERRUPTED_EXIT_CODE = 130;
/** The interval of the timer that keeps the process running: milliseconds, the longest that a timer accepts. */
const HOLD_MS = 2 ** 31 - 1;

/** Runs `work` with a sandbox and removes the sandbox afterwards, whether the work ends, fails or is interrupted. */
export async function withSandbox(
  name: string,
  work: (sandbox: Sandbox) => Promise<number>,
  { parent = tmpdir(), settings = {} }: SandboxOptions = {},
): Promise<number> {
  const interruption = new AbortController();
  const stop = () => interruption.abort();
  process.on('SIGINT', stop).on('SIGTERM', stop);
  // Neither the server nor an idle connection keeps the process running: it would end while `work` only waits.
  const hold = setInterval(() => {}, HOLD_MS);
  const folder = await mkdtemp(join(parent, `totesys-${name}-`));
  let cluster: Cluster | undefined;
  try {
    cluster = await startCluster({ settings });
    const databases = await createDatabases(cluster, name);
    const done = work({ cluster, ...databases, folder, interrupted: interruption.signal });
    done.catch(() => {});
    return await Promise.race([done, untilAborted(interruption.signal)]);
  } finally {
    await cluster?.stop();
    // Work that is interrupted may still be writing its last file.
    await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    process.off('SIGINT', stop).off('SIGTERM', stop);
    clearInterval(hold);
  }
}

// Names with the process id are unique even if the cluster has databases of another process.
async function createDatabases(cluster: Cluster, name: string) {
  return {
    sourceUrl: await cluster.createDatabase(`${name}_source_${process.pid}`),
    warehouseUrl: await cluster.createDatabase(`${name}_warehouse_${process.pid}`),
  };
}

function untilAborted(signal: AbortSignal): Promise<number> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(INTERRUPTED_EXIT_CODE);
    signal.addEventListener('abort', () => resolve(INTERRUPTED_EXIT_CODE), { once: true });
  });
}
