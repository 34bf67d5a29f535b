import { listOpenRequests, requestStateOf, type Store } from '@totesys/lake';
import type { Pool } from '@totesys/runtime';
import { isStillSettled, readIngestState } from '@totesys/source';
import type { RunMemory, SettledRun } from './run-memory.ts';

/**
 * Returns what the last run proved if the source, the newest batch and the requests are as that run left them,
 * otherwise undefined. It takes no lock and reads no table.
 */
export async function findIdle(
  memory: RunMemory | undefined,
  { source, ingestion }: { readonly source: Pool; readonly ingestion: Store },
): Promise<SettledRun | undefined> {
  const settled = memory?.settled;
  if (!settled || !(await isStillSettled(source, settled.snapshot))) return undefined;
  return (await isLakeUnchanged(ingestion, settled)) ? settled : undefined;
}

async function isLakeUnchanged(store: Store, { manifestSha256 }: SettledRun): Promise<boolean> {
  const state = await readIngestState(store);
  if (state?.sha256 !== manifestSha256) return false;
  for await (const _open of listOpenRequests(store, requestStateOf(state.manifest))) return false;
  return true;
}
