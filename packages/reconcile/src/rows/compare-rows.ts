import type { Store } from '@totesys/lake';
import type { Pool, Telemetry } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { readCarriedRows, requireDistinctKeys } from '@totesys/source';
import { type Comparison, compareSides, prepareSides } from './compare-tables.ts';
import { Findings } from './findings.ts';
import { followPending } from './follow-pending.ts';
import { PendingKeys } from './pending-rows.ts';
import { type Sides, underSnapshots } from './snapshots.ts';

/** What the warehouse is compared with, and how. */
export interface CompareOptions {
  readonly model: Model;
  readonly source: Pool;
  readonly warehouse: Pool;
  /** The ingestion lake, which tells what has not been read yet from what differs. */
  readonly ingestion: Store | undefined;
  readonly telemetry: Telemetry;
  readonly showValues: boolean;
  /** How long rows that may only be too young are followed: milliseconds. */
  readonly waitMs: number;
  readonly interrupted: AbortSignal;
  /** Told before it is waited. */
  onWait(pending: number): void;
}

/** What a comparison found, and the newest batch that the warehouse had when it began. */
export interface CompareResult {
  readonly findings: Findings;
  readonly batch: number;
  /** How long the comparison took, without what was waited: milliseconds. */
  readonly comparedMs: number;
}

/** Compares the warehouse's current state with what the source says, and follows rows that may only be too young. */
export async function compareDatabases(options: CompareOptions): Promise<CompareResult> {
  const { model, telemetry, ingestion, showValues, interrupted, warehouse } = options;
  const startedMs = performance.now();
  const findings = new Findings(model.warehouse.map(({ name }) => name));
  const pending = new PendingKeys();
  const canWait = ingestion !== undefined || options.waitMs > 0;
  const comparison: Comparison = { model, telemetry, showValues, findings, pending: canWait ? pending : undefined };
  const look = <T>(work: (prepared: Awaited<ReturnType<typeof prepareSides>>) => Promise<T>) =>
    underSnapshots(options, model, async (sides) =>
      work(await prepareSides(sides, await readUpTo(options, sides), options)),
    );
  const batch = await look(async (prepared) => {
    // Of two rows with one key a comparison by keys sees either.
    await requireDistinctKeys(prepared.sides.source, model);
    await compareSides(comparison, prepared);
    return prepared.sides.warehouse.batch;
  });
  const comparedMs = performance.now() - startedMs;
  if (pending.size > 0) {
    if (options.waitMs > 0) options.onWait(pending.size);
    const deadlineMs = Date.now() + options.waitMs;
    await followPending(comparison, {
      warehouse,
      pending,
      batch,
      deadlineMs,
      interrupted,
      hasLake: ingestion !== undefined,
      look,
    });
  }
  return { findings, batch, comparedMs };
}

function readUpTo({ ingestion, model }: CompareOptions, { warehouse, source }: Sides) {
  return ingestion && readCarriedRows(warehouse.batch, { model, ingestion, snapshot: source });
}
