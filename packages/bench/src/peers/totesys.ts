import { CODE_VERSION } from '@totesys/cli';
import { folderBytes } from '../measures/lake-bytes.ts';
import { runProcess } from '../measures/run-process.ts';
import { TOTESYS } from '../programs.ts';
import type { Findings } from './compare-tables.ts';
import type { Job, Peer, PeerProgram } from './peer.ts';

/** How long the proof may take: milliseconds. */
const PROOF_LIMIT_MS = 10 * 60_000;

/** This product: both lakes and the star schema with its foreign keys. */
export const totesys: Peer = {
  name: 'totesys run',
  version: CODE_VERSION,
  group: 'moved into Postgres',
  prepare: async () => ({
    program: async (job) => totesysProgram(job, 'run'),
    check: (job) => prove(job, 'as a star schema with foreign keys and history'),
  }),
};

/** The part of this product that writes the source's rows as Parquet. */
export const totesysIngest: Peer = {
  name: 'totesys ingest',
  version: CODE_VERSION,
  group: 'written as Parquet',
  prepare: async () => ({
    program: async (job) => totesysProgram(job, 'ingest'),
    bytes: ({ folder }) => folderBytes(`${folder}/lake/ingestion`),
    check: async (job) => {
      const rest = totesysProgram(job, 'run');
      const { code, stderr } = await runProcess({ ...rest, limitMs: PROOF_LIMIT_MS });
      return code === 0
        ? prove(job, 'as the ingestion lake, loaded into a warehouse')
        : { faults: [`the lake cannot be loaded: ${stderr.trim()}`], notes: [] };
    },
  }),
};

/** Returns the command of this product for a job; `words` are its arguments. */
export function totesysProgram({ sourceUrl, targetUrl, folder }: Job, ...words: readonly string[]): PeerProgram {
  return {
    command: [process.execPath, TOTESYS, ...words],
    environment: { SOURCE_URL: sourceUrl, WAREHOUSE_URL: targetUrl, LAKE: `${folder}/lake` },
  };
}

/**
 * Compares the warehouse with the source by the product's own proof, because the tables of the two differ. `form` names
 * what was compared.
 */
export async function prove(job: Job, form: string): Promise<Findings> {
  const { code, stdout } = await runProcess({ ...totesysProgram(job, 'reconcile'), limitMs: PROOF_LIMIT_MS });
  return code === 0
    ? { faults: [], notes: [`${form}; proved by totesys reconcile`] }
    : { faults: [`totesys reconcile reports: ${stdout.trim()}`], notes: [] };
}
