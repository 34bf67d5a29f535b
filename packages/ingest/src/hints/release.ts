import type { HintState } from '@totesys/lake';
import { ErrorCode, PipelineError, type Pool, type StageTelemetry } from '@totesys/runtime';
import { findSlotWal } from '@totesys/source';
import type { IngestRun } from '../open/ingest-run.ts';
import type { SlotSeen } from './read-hint.ts';

/** WAL beyond which an unchanged run releases it at once: bytes. */
const RELEASE_AT_ONCE_BYTES = 256n * 1024n * 1024n;
/** WAL beyond which an unchanged run releases it some time after the last batch: bytes. */
export const RELEASE_BYTES = 16n * 1024n * 1024n;
/** The least age of the last batch at which the smaller amount is released: milliseconds. */
const RELEASE_AFTER_MS = 30 * 60_000;
/** Errors after which one more statement would wait in vain. */
const UNANSWERED: ReadonlySet<ErrorCode> = new Set([ErrorCode.CONNECTION_FAILED, ErrorCode.TIMED_OUT]);

/** How much WAL a slot keeps, and how much of it a batch would release. */
export interface RetainedWal {
  /** Where the WAL that the slot keeps begins and ends: bytes. */
  readonly from: bigint;
  readonly to: bigint;
  /** The position to which the slot would be advanced after a batch. */
  readonly next: bigint;
  /** How long ago the last batch was read, by the source's clock: milliseconds. */
  readonly batchAgeMs: number;
}

/**
 * Whether a run without changes commits an empty batch, so that the slot is advanced: a quiet model beside busy tables
 * keeps their WAL. It never does if an open transaction keeps the WAL, because then the batch would release nothing.
 */
export function releasesWal({ from, to, next, batchAgeMs }: RetainedWal): boolean {
  if (next - from <= RELEASE_BYTES) return false;
  const retained = to - from;
  return retained > RELEASE_AT_ONCE_BYTES || (retained > RELEASE_BYTES && batchAgeMs > RELEASE_AFTER_MS);
}

/** Reports how much WAL the source keeps for the slot, if it has one. */
export function reportRetained(
  telemetry: StageTelemetry<'ingest'>,
  { restart }: Pick<SlotSeen, 'restart'>,
  inserted: bigint,
): void {
  if (restart !== undefined) telemetry.metric('RetainedWalBytes', Number(inserted - restart));
}

/**
 * Reports how much WAL the source keeps for the slot after an error that ended a run, perhaps before it read the slot:
 * such runs do not advance the slot. Does nothing if the error shows that the source does not answer.
 */
export async function reportRetainedAfter(
  error: unknown,
  { source, telemetry }: { readonly source: Pool; readonly telemetry: StageTelemetry<'ingest'> },
): Promise<void> {
  if (error instanceof PipelineError && UNANSWERED.has(error.code)) return;
  const wal = await findSlotWal(source).catch(() => undefined);
  if (wal) telemetry.metric('RetainedWalBytes', wal.retained);
}

/** Returns whether a run without changes commits a batch without rows, so that the slot can be advanced. */
export function mustReleaseWal(
  { state, snapshot }: Pick<IngestRun, 'state' | 'snapshot'>,
  { confirmed }: Pick<SlotSeen, 'confirmed'>,
  { position }: Pick<HintState, 'position'>,
  inserted: bigint,
): boolean {
  if (!state || confirmed === undefined || position === null) return false;
  const batchAgeMs = Date.parse(`${snapshot.clock}Z`) - Date.parse(`${state.manifest.sourceClock}Z`);
  return releasesWal({ from: confirmed, to: inserted, next: BigInt(position), batchAgeMs });
}
