import { KeySet, type Proof, type TableProof } from '@totesys/lake';
import type { Model } from '@totesys/schema';
import { requireDistinctKeys } from '@totesys/source';
import type { CompareOptions, Comparison } from '../rows/comparison.ts';
import { Findings } from '../rows/findings.ts';
import { followPending } from '../rows/follow-pending.ts';
import { PendingRows } from '../rows/pending-rows.ts';
import { withSides } from '../rows/sides.ts';
import { type BatchWindow, readBatchKeys } from './batch-keys.ts';
import { compareWanted } from './compare-wanted.ts';
import { joinRanges, type TableKeys, takeKeys } from './join-ranges.ts';
import type { ProofDeps } from './proof-deps.ts';
import type { Slice } from './rotation.ts';

/** The most ranges of keys of batches that a proof compares, over all tables. */
const MOST_RANGES = 1_000;
/** The most keys of batches that a proof compares: about a minute on each side. */
const MOST_KEYS = 1_000_000;

/** What a proof compared, and where the next slice begins in each table. */
export interface RowsProof extends Pick<Proof, 'batch' | 'clock' | 'rows' | 'tables' | 'differences'> {
  readonly keys: TableKeys;
  readonly next: Readonly<Record<string, number>>;
}

/**
 * Compares the rows that batches have changed, those that differed in the last proof, and a slice of every table. Each
 * database has one connection. Rows that no batch carries yet are counted and not followed: a later proof compares them
 * as rows of their batch.
 */
export async function proveRows(
  deps: ProofDeps,
  { window, last, slice }: { window: BatchWindow; last: Proof | undefined; slice: Slice },
): Promise<RowsProof> {
  const { model, ingestion } = deps;
  const changed = await readBatchKeys(model, ingestion, window);
  const { taken, left } = takeKeys(joinRanges(changed, MOST_RANGES), MOST_KEYS);
  const wanted = { keys: joinAll(taken, keysToRepeat(last, model)), slice, hasCalendar: hasCalendarFault(last, model) };
  const comparison = beginComparison(deps);
  const { batch, clock, compared } = await withSides(comparison.options, async (sides) => {
    await requireDistinctKeys(sides.source, model);
    const { batch, source } = sides;
    return { batch, clock: source.clock, compared: await compareWanted(comparison, sides, wanted) };
  });
  await followPending(comparison, batch);
  const { findings } = comparison;
  const tables = [...compared.keys].map(([table, keys]) => describeTable(findings, table, keys));
  const total = (of: (table: TableProof) => number) => tables.reduce((sum, table) => sum + of(table), 0);
  return {
    ...{ batch, clock, tables, ...compared },
    rows: {
      compared: total(({ rows }) => rows),
      ranges: total(({ ranges }) => ranges),
      differing: findings.differing,
      unread: total(({ unread }) => unread),
      left,
    },
    differences: findings.differences.map(({ table, id, kind, columns }) => ({
      ...{ table, id, kind },
      ...(columns && { columns: [...columns] }),
    })),
  };
}

function beginComparison(deps: ProofDeps): Comparison {
  const options: CompareOptions = { ...deps, pairs: 1, showValues: false, waitMs: 0, onWait: () => {} };
  return {
    options,
    findings: new Findings(deps.model.warehouse.map(({ name }) => name)),
    pending: new PendingRows(),
  };
}

function describeTable(findings: Findings, table: string, keys: KeySet): TableProof {
  const { expected, actual, ...counts } = findings.of(table);
  const differing = findings.rangesOf(table).slice(0, MOST_RANGES);
  return { table, rows: Math.max(expected, actual), ranges: keys.rangeCount, ...counts, keys: differing };
}

// A row that differed is compared in each proof until it is equal, so that the alarm does not end before.
function keysToRepeat(last: Proof | undefined, { warehouse }: Model): TableKeys {
  const isCut = (name: string) => warehouse.some((table) => table.name === name && table.kind !== 'calendar');
  const tables = new Map<string, KeySet>();
  const add = (table: string, ranges: Iterable<readonly [number, number]>) => {
    if (isCut(table)) tables.set(table, (tables.get(table) ?? KeySet.empty).union(KeySet.of(ranges)));
  };
  for (const { table, keys } of last?.tables ?? []) add(table, keys);
  for (const { table, id } of last?.history.named ?? []) if (id !== null) add(table, [[id, id]]);
  return tables;
}

function hasCalendarFault(last: Proof | undefined, { warehouse }: Model): boolean {
  const calendars = warehouse.filter(({ kind }) => kind === 'calendar').map(({ name }) => name);
  return last?.tables.some(({ table, keys }) => calendars.includes(table) && keys.length > 0) ?? false;
}

function joinAll(one: TableKeys, other: TableKeys): TableKeys {
  const joined = new Map(one);
  for (const [table, keys] of other) joined.set(table, (joined.get(table) ?? KeySet.empty).union(keys));
  return joined;
}
