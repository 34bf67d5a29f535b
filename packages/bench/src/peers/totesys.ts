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
    program: async (job) => programOf(job, 'run'),
    check: (job) => prove(job, 'as a star schema with foreign keys and history'),
  }),
};

/** The part of this product that writes the source's rows as Parquet. */
export const totesysIngest: Peer = {
  name: 'totesys ingest',
  version: CODE_VERSION,
  group: 'written as Parquet',
  prepare: async () => ({
    program: async (job) => programOf(job, 'ingest'),
    bytes: ({ folder }) => folderBytes(`${folder}/lake/ingestion`),
    check: async (job) => {
      const rest = programOf(job, 'run');
      const { code, stderr } = await runProcess({ ...rest, limitMs: PROOF_LIMIT_MS });
      return code === 0
        ? prove(job, 'as the ingestion lake, loaded into a warehouse')
        : { faults: [`the lake cannot be loaded: ${stderr.trim()}`], notes: [] };
    },
  }),
};

function programOf({ sourceUrl, targetUrl, folder }: Job, word: string): PeerProgram {
  return {
    command: [process.execPath, TOTESYS, word],
    environment: { SOURCE_URL: sourceUrl, WAREHOUSE_URL: targetUrl, LAKE: `${folder}/lake` },
  };
}

// The warehouse has other tables than the source, so the product's own proof compares them.
async function prove(job: Job, form: string): Promise<Findings> {
  const { code, stdout } = await runProcess({ ...programOf(job, 'reconcile'), limitMs: PROOF_LIMIT_MS });
  return code === 0
    ? { faults: [], notes: [`${form}; proved by totesys reconcile`] }
    : { faults: [`totesys reconcile reports: ${stdout.trim()}`], notes: [] };
}
