import { join } from 'node:path';
import { installPython } from '@totesys/sandbox';
import { PACKAGE } from '../programs.ts';
import { checkTarget } from './check-target.ts';
import type { Job, Peer, PeerProgram } from './peer.ts';

/** The pinned version of dlt. */
export const DLT_VERSION = '1.31.0';
/** The schema into which dlt writes. */
export const DLT_SCHEMA = 'moved';

/** dlt with the fastest of its backends that keeps the types: connectorx into Parquet, and ADBC into Postgres. */
export const dlt: Peer = {
  name: 'dlt',
  version: DLT_VERSION,
  group: 'moved into Postgres',
  async prepare() {
    const python = await installDlt();
    if (typeof python !== 'string') return python;
    return {
      program: async (job) =>
        dltProgram(
          job,
          [python, 'src/peers/move_with_dlt.py'],
          job.tables.map(({ name }) => name),
        ),
      check: (job) => checkTarget(job, DLT_SCHEMA),
    };
  },
};

/** Returns the program that runs a script of this package with dlt's Python; `tables` are the script's arguments. */
export function dltProgram(
  job: Job,
  [python, script]: readonly [string, string],
  tables: readonly string[],
): PeerProgram {
  return { command: [python, join(PACKAGE, script), DLT_SCHEMA, ...tables], environment: dltVariables(job) };
}

/** Installs dlt; returns its Python, or the reason why there is none. */
export function installDlt(): ReturnType<typeof installPython> {
  return installPython({
    name: 'dlt',
    version: DLT_VERSION,
    packages: [
      `dlt[postgres]==${DLT_VERSION}`,
      'adbc-driver-postgresql==1.13.0',
      'connectorx==0.4.6',
      'pyarrow==26.0.1',
      'sqlalchemy==2.1.9',
    ],
  });
}

/** Returns the variables of a process of dlt: its places, its home, and no telemetry. */
function dltVariables({ sourceUrl, targetUrl, folder }: Job): Record<string, string> {
  return {
    SOURCE_URL: sourceUrl,
    TARGET_URL: targetUrl,
    DLT_DATA_DIR: folder,
    RUNTIME__DLTHUB_TELEMETRY: 'false',
    RUNTIME__LOG_LEVEL: 'ERROR',
  };
}
