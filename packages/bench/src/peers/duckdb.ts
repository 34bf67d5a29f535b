import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installPython } from '@totesys/sandbox';
import { folderBytes } from '../measures/lake-bytes.ts';
import { runProcess } from '../measures/run-process.ts';
import { PACKAGE } from '../programs.ts';
import { checkTarget } from './check-target.ts';
import type { Job, Mover, Peer, PeerProgram } from './peer.ts';
import { siteFile } from './site-file.ts';

// The newest version whose extension for Postgres is in a wheel.
const VERSION = '1.4.4';
const EXTENSION = '1.4.4.20260205';
/** How long the check may take to bring Parquet back into Postgres: milliseconds. */
const CHECK_LIMIT_MS = 10 * 60_000;

type Mode = 'into-postgres' | 'into-parquet' | 'from-parquet';

/** DuckDB with its extension for Postgres, from one database into the other. */
export const duckdbIntoPostgres: Peer = {
  name: 'DuckDB',
  version: VERSION,
  group: 'moved into Postgres',
  prepare: async () => {
    const program = await install();
    if ('missing' in program) return program;
    return { program: async (job) => program.of(job, 'into-postgres'), check: (job) => checkTarget(job) };
  },
};

/** DuckDB with its extension for Postgres, into one Parquet file with zstd for each table. */
export const duckdbIntoParquet: Peer = {
  name: 'DuckDB, Parquet with zstd',
  version: VERSION,
  group: 'written as Parquet',
  prepare: async () => {
    const program = await install();
    if ('missing' in program) return program;
    return {
      program: async (job) => {
        await mkdir(filesOf(job));
        return program.of(job, 'into-parquet');
      },
      bytes: (job) => folderBytes(filesOf(job)),
      // The files are compared like every other target, after DuckDB has brought them into Postgres.
      check: async (job) => {
        const { command, environment } = program.of(job, 'from-parquet');
        const { code, stderr } = await runProcess({ command, environment, limitMs: CHECK_LIMIT_MS });
        if (code !== 0) return { faults: [`the Parquet files cannot be read: ${stderr.trim()}`], notes: [] };
        const { faults } = await checkTarget(job);
        return { faults, notes: [] };
      },
    } satisfies Mover;
  },
};

const filesOf = ({ folder }: Job) => join(folder, 'parquet');

async function install(): Promise<{ of(job: Job, mode: Mode): PeerProgram } | { missing: string }> {
  const python = await installPython({
    name: 'duckdb',
    version: VERSION,
    packages: [`duckdb==${VERSION}`, `duckdb-ext-postgres==${EXTENSION}`],
  });
  if (typeof python !== 'string') return python;
  const extensions = await siteFile(dirname(dirname(python)), 'duckdb_ext/extensions');
  return {
    of: (job, mode) => ({
      command: [
        python,
        join(PACKAGE, 'src/peers/move_with_duckdb.py'),
        mode,
        filesOf(job),
        ...job.tables.map(({ name }) => name),
      ],
      environment: { SOURCE_URL: job.sourceUrl, TARGET_URL: job.targetUrl, EXTENSIONS: extensions },
    }),
  };
}
