import { listOpenRequests, requestStateOf, type Store } from '@totesys/lake';
import type { Pool } from '@totesys/runtime';
import { findSlotWal, findStillSettled, readIngestState } from '@totesys/source';
import { isAuditDue } from '../hints/find-audit.ts';
import type { HintOptions } from '../hints/hint-mode.ts';
import { RELEASE_BYTES } from '../hints/release.ts';
import type { RunMemory, SettledRun } from './run-memory.ts';

/** What an idle run knows of the source. */
export interface Idle {
  readonly settled: SettledRun;
  /** The WAL that the source keeps for the slot: bytes; undefined without a slot or while hints are off. */
  readonly retainedWalBytes: number | undefined;
}

/**
 * Returns what the last run proved if the source, the newest batch and the requests are as that run left them,
 * otherwise undefined. It takes no lock and reads no table.
 */
export async function findIdle(
  memory: RunMemory | undefined,
  { source, ingestion }: { readonly source: Pool; readonly ingestion: Store },
  { mode, auditMs }: HintOptions,
): Promise<Idle | undefined> {
  const settled = memory?.settled;
  if (!settled) return undefined;
  const clock = await findStillSettled(source, settled.snapshot);
  if (clock === undefined) return undefined;
  if (settled.scannedAt !== undefined && isAuditDue(settled.scannedAt, clock, auditMs)) return undefined;
  const wal = mode === 'off' ? undefined : await findSlotWal(source);
  // Only a batch releases this WAL.
  if (wal && wal.unread > RELEASE_BYTES) return undefined;
  return (await isLakeUnchanged(ingestion, settled)) ? { settled, retainedWalBytes: wal?.retained } : undefined;
}

async function isLakeUnchanged(store: Store, { manifestSha256 }: SettledRun): Promise<boolean> {
  const state = await readIngestState(store);
  if (state?.sha256 !== manifestSha256) return false;
  for await (const _open of listOpenRequests(store, requestStateOf(state.manifest))) return false;
  return true;
}
