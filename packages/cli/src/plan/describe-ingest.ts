import type { IngestPlan, PlannedTable } from '@totesys/ingest';
import { countOf } from '../format/count-of.ts';

/** The rows that ingest expects; `isEstimate` if some of them are the planner's estimate. */
export interface ExpectedRows {
  readonly rows: number;
  readonly isEstimate: boolean;
}

/** Returns the rows that the next runs of ingest expect in one table; undefined if they are not known. */
export function expectedRows({ coverage, changed, deleted, uncovered }: PlannedTable): ExpectedRows | undefined {
  if (coverage !== 'full' && uncovered === undefined) return undefined;
  if (coverage !== 'none' && (changed === undefined || deleted === undefined)) return undefined;
  const rows = (changed ?? 0) + (deleted ?? 0) + (uncovered?.rows ?? 0);
  return { rows, isEstimate: uncovered?.isEstimate === true };
}

/** Describes the rows of one table: those expected, and why. */
export function describeTable(planned: PlannedTable): (string | number)[] {
  const { table, known, coverage } = planned;
  const read = typeof coverage === 'object' ? `through ${coverage.through}` : coverage;
  const expected = expectedRows(planned);
  return [table, known, read, expected === undefined ? 'not known' : describeRows(expected), describeWhy(planned)];
}

/** Describes what the next run of ingest would do, in lines; the first is the summary. */
export function describeIngestPlan(plan: IngestPlan): string[] {
  const { stops, readAgain, compatible, unknown, requests, unanswerable } = plan;
  return [
    summarize(plan),
    ...stops.map(({ message }) => `stop   ${message}`),
    ...readAgain.map((text) => `again  ${text}`),
    ...compatible.map((text) => `ok     ${text}`),
    ...unknown.map((text) => `?      ${text}`),
    ...requests.map(({ id, kind, tables }) => `request ${id}: ${[kind, ...tables].join(' ')}`),
    ...unanswerable,
  ];
}

function summarize({ stops, yields, tables, requests, newestBatch }: IngestPlan): string {
  if (stops.length > 0) return 'will stop, and commit nothing';
  if (yields !== undefined) return `yields at this moment: ${yields}`;
  const expected = tables.map(expectedRows);
  const rows = expected.reduce((sum, each) => sum + (each?.rows ?? 0), 0);
  const isEstimate = expected.some((each) => each === undefined || each.isEstimate);
  if (rows > 0) return `will read ${describeRows({ rows, isEstimate }, 'row')} into batch ${newestBatch + 1}`;
  if (requests.length > 0) return `will answer ${countOf(requests.length, 'request')}`;
  const isCovered = tables.every(({ coverage }) => coverage === 'full');
  return isCovered ? 'has nothing to read' : 'will read tables to their end';
}

function describeRows({ rows, isEstimate }: ExpectedRows, noun?: string): string {
  const count = noun === undefined ? rows.toLocaleString('en') : countOf(rows, noun);
  return isEstimate ? `about ${count} (estimate)` : count;
}

function describeWhy({ coverage, changed, deleted, uncovered }: PlannedTable): string {
  const parts = [
    ...(changed ? [`${changed.toLocaleString('en')} changed`] : []),
    ...(deleted ? [`at least ${deleted.toLocaleString('en')} deleted`] : []),
    ...(coverage === 'full' || uncovered === undefined ? [] : ['not read completely']),
  ];
  return parts.join(', ');
}
