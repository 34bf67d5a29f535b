import { KeySet, KeySetBuilder, type TableState } from '@totesys/lake';
import type { Model, SourceTable } from '@totesys/schema';
import type { IngestState } from '../carried/ingest-state.ts';
import type { WindowPairs } from '../carried/window-pairs.ts';
import { describeLayoutChange } from '../layout/layout-change.ts';
import type { SourceLayout } from '../layout/source-layout.ts';
import { readKeys } from '../rows/read-rows.ts';
import { fenceNumber, widenTransactionId } from '../snapshot/fence.ts';
import type { SourceSnapshot } from '../snapshot/source-snapshot.ts';
import { type FoundRow, readServer, readWitnessRows, unlessRefused } from './read-witness-rows.ts';
import { boundOf, parseWitnessRow, type WitnessRow } from './table-witness.ts';
import { WitnessPairs } from './witness-pairs.ts';

/** Where transaction ids have wrapped, a row does not show which epoch its id is of. */
const FIRST_EPOCH = 2 ** 32;
/** Rows of the newest transactions that one statement looks up because they no longer show these, and how often it does so for a table. */
const LOOKUP_KEYS = 10_000;
const MAX_LOOKUPS = 10;

/** The last manifest, the source as it is now, and what both say of its tables. */
export interface Witnessed {
  readonly model: Model;
  readonly state: IngestState;
  readonly snapshot: Pick<SourceSnapshot, 'fence' | 'connections'>;
  readonly layout: SourceLayout;
  readonly pairs: ReadonlyMap<string, WindowPairs>;
}

/**
 * Looks for proof that a source which seems to be the same was restored from a copy and has moved on since. Returns the proof in words, undefined
 * where there is none. Rows that batches carried are looked up at each run; the newest transactions' rows are compared all, at the cost of one scan
 * of each table, only where the server has started since the last batch: a copy is never put back under a server that runs.
 */
export async function findOtherHistory(witnessed: Witnessed): Promise<string | undefined> {
  const { state, snapshot, layout, model } = witnessed;
  const tables: WitnessedTable[] = model.source.flatMap((table) => {
    const before = state.manifest.tables[table.name];
    const now = layout.tables.get(table.name);
    // Rows come and go with partitions, and a table of another oid is read again as it is.
    const isComparable = before?.layout.oid === now?.oid && `${before?.layout.partitions}` === `${now?.partitions}`;
    if (!before?.witness || !isComparable) return [];
    return [{ table, before, witness: before.witness, rows: before.witness.rows.map(parseWitnessRow) }];
  });
  if (tables.length === 0) return undefined;
  const contradiction = await checkRows(witnessed, tables);
  if (contradiction !== undefined) return contradiction;
  // An id of an older epoch may be shown by a row and mean another transaction.
  if (fenceNumber(snapshot.fence.xmax) >= FIRST_EPOCH) return undefined;
  const ids = new Set(tables.flatMap(({ rows }) => rows.map(({ id }) => String(id))));
  const { startedAt, uncommitted } = await readServer(snapshot.connections[0], [...ids]);
  if (uncommitted.length > 0) return `transaction ${uncommitted[0]}, whose rows a batch carried, is not committed`;
  if (startedAt === state.manifest.source.startedAt) return undefined;
  for (const each of tables) {
    // A table that cannot be scanned stops the run where it is counted.
    const fault = await unlessRefused(snapshot.connections[0], () => checkNewest(witnessed, each));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

interface WitnessedTable {
  readonly table: SourceTable;
  readonly before: TableState;
  readonly witness: NonNullable<TableState['witness']>;
  readonly rows: readonly WitnessRow[];
}

async function checkRows(
  { state, snapshot, layout, pairs }: Witnessed,
  tables: readonly WitnessedTable[],
): Promise<string | undefined> {
  const wanted = tables.map(({ table, rows, witness }) => ({
    table,
    keys: [...rows.map(({ key }) => key), ...witness.deleted],
  }));
  const found = await readWitnessRows(snapshot.connections[0], wanted);
  for (const { table, before, rows, witness } of tables) {
    const judge: Judge = {
      xmin: fenceNumber(state.manifest.fence.to.xmin),
      xmax: fenceNumber(snapshot.fence.xmax),
      pairs: pairs.get(table.name),
      isComparable: describeLayoutChange(before.layout, layout.tables.get(table.name)!) === undefined,
    };
    const isContradicted = (key: number, seen?: WitnessRow) => {
      const versions = found.filter((row) => row.table === table && row.key === key);
      return versions.length > 0 && versions.every((version) => contradicts(judge, seen, version));
    };
    const other = rows.find((row) => isContradicted(row.key, row));
    if (other) return `row ${other.key} of table '${table.name}' is not the one that a batch carried, and no later one`;
    const back = witness.deleted.find((key) => isContradicted(key));
    if (back !== undefined) {
      return `row ${back} of table '${table.name}', which a batch named deleted, is there again as it was before`;
    }
  }
  return undefined;
}

/** What a version of a row is judged by: the fence of the last batch, the ids that the source has given out, and the pairs that still count. */
export interface Judge {
  readonly xmin: number;
  readonly xmax: number;
  readonly pairs: Pick<WindowPairs, 'has'> | undefined;
  /** Whether the values mean what they meant at the last batch, so that hashes can be compared. */
  readonly isComparable: boolean;
}

/**
 * Whether a row as it is now cannot follow on what the batches saw of its key: `seen`, or that it was deleted. A version that was written after the
 * last batch has an id that is not older than its fence; one that a batch carried before `seen` never comes back.
 */
export function contradicts(
  { xmin, xmax, pairs, isComparable }: Judge,
  seen: WitnessRow | undefined,
  now: Pick<FoundRow, 'key' | 'xmin' | 'hash'>,
): boolean {
  if (seen && now.xmin === seen.id % FIRST_EPOCH) {
    return isComparable && now.hash !== undefined && now.hash !== seen.hash;
  }
  const id = widenTransactionId(now.xmin, xmax);
  return id < xmin || (pairs?.has(id, now.key) ?? false);
}

// Every row of the newest transactions that the last batch's fence has behind it was carried. What was carried, behind the fence or within its window,
// and is missing was written later or deleted.
async function checkNewest(
  witnessed: Witnessed,
  { table, before, witness }: WitnessedTable,
): Promise<string | undefined> {
  const { snapshot, state } = witnessed;
  const fence = state.manifest.fence.to;
  const [xmin, xmax] = [fenceNumber(fence.xmin), fenceNumber(fence.xmax)];
  const expected = WitnessPairs.parse(witness.since, witness.pairs);
  if (before.coverage === 'none' || expected.since >= xmax) return undefined;
  const bound = boundOf(before.coverage);
  const within = bound === Number.POSITIVE_INFINITY ? {} : { through: bound };
  const window = { low: expected.since, span: xmax - expected.since };
  const present = new KeySetBuilder();
  let stranger: number | undefined;
  const [connection] = snapshot.connections;
  await readKeys(connection, table, { ...within, inWindow: true }, window, (id, key) => {
    if (expected.has(id, key)) present.add(key);
    else if (id < xmin) stranger = key;
  });
  if (stranger !== undefined) {
    return `row ${stranger} of table '${table.name}' shows a transaction before the last batch, and no batch carried it`;
  }
  const missing = keysOf(expected).minus(present.build());
  let lookups = 0;
  for (const keys of missing.chunks(LOOKUP_KEYS)) {
    if (++lookups > MAX_LOOKUPS) break;
    let reverted: number | undefined;
    await readKeys(connection, table, { keysIn: { column: table.key, keys } }, undefined, (id, key) => {
      if (id < xmin) reverted = key;
    });
    if (reverted !== undefined) return `row ${reverted} of table '${table.name}' is older than a batch carried it`;
  }
  return undefined;
}

function keysOf({ keys }: WitnessPairs): KeySet {
  let all = KeySet.empty;
  for (const each of keys.values()) all = all.union(each);
  return all;
}
