import type { Values } from './find-row.ts';
import type { QuarantineState } from './quarantine-state.ts';
import type { RowInBatch } from './read-row-in-batch.ts';
import type { RowInWarehouse } from './read-row-in-warehouse.ts';
import type { Version } from './versions.ts';

/** The characters of a value that a line contains; `--json` has all of them. */
const MOST_CHARACTERS = 80;

/** All that is known of a row. */
export interface Explanation {
  readonly batches: readonly RowInBatch[];
  readonly versions: readonly Version[];
  readonly quarantine: readonly QuarantineState[];
  readonly warehouse: RowInWarehouse | undefined;
}

/** Describes a row in lines: batch by batch what the source had and what was derived, then what the warehouse has. */
export function describeExplanation(explanation: Explanation): string[] {
  const { batches, warehouse } = explanation;
  const printed = new PrintedValues();
  return [
    ...batches.flatMap((batch) => describeBatch(batch, explanation, printed)),
    ...(warehouse ? describeWarehouse(warehouse) : []),
  ];
}

/** The values of each row that were printed last, so that a line has only what differs. */
class PrintedValues {
  readonly #last = new Map<string, Values>();

  /** Returns the columns of a row that differ from what was printed last; the first time all of them. */
  describeChanges(row: string, values: Values): string {
    const before = this.#last.get(row);
    this.#last.set(row, values);
    const changed = Object.entries(values).filter(([name, value]) => before?.[name] !== value);
    return changed.length === 0 ? 'as before' : describeValues(Object.fromEntries(changed));
  }
}

function describeBatch(row: RowInBatch, explanation: Explanation, printed: PrintedValues): string[] {
  const state = explanation.quarantine.find(({ batch }) => batch === row.batch);
  return [
    describeHead(row),
    ...row.states.flatMap(({ role, object, values, joined }) => [
      `  ${role === 'context' ? 'context row, unchanged' : 'changed'}: ${object}`,
      `    ${printed.describeChanges('', values)}`,
      ...joined.flatMap((other) => {
        const name = `${other.table} ${other.key}`;
        return [`    joined ${name}: ${other.object}`, `      ${printed.describeChanges(name, other.values)}`];
      }),
    ]),
    ...(row.deletedBy ? [`  deleted in the source: ${row.deletedBy}`] : []),
    ...row.quarantined.flatMap(({ by, object, values }) => [
      `  quarantined by ${by}${describeState(state)}: ` +
        `column '${values.column}', ${values.reason}: ${shorten(values.text ?? null)}`,
      `    ${object}`,
    ]),
    ...(row.isTransformed ? [] : ['  not transformed yet']),
    ...row.derived.flatMap((derived) => describeDerived(row.batch, derived, explanation)),
  ];
}

function describeHead({ batch, sourceClock, fence, requests }: RowInBatch): string {
  const from = fence.from ? `${fence.from.xmin}:${fence.from.xmax}` : 'none';
  const to = `${fence.to.xmin}:${fence.to.xmax}`;
  const answered = requests.length > 0 ? `, answers the requests ${requests.join(', ')}` : '';
  return `Batch ${batch}, read at ${sourceClock}, snapshot ${from} to ${to}${answered}`;
}

function describeDerived(
  batch: number,
  { table, object, values }: RowInBatch['derived'][number],
  { versions, warehouse }: Explanation,
): string[] {
  const version = versions.find((each) => each.table === table && each.batch === batch);
  if (!version) return [`  ${table}: the same as before: ${object}`];
  const row = warehouse?.rows.find((each) => each.table === table && each.version === version.number);
  const record = row?.recordId ? `, record ${row.recordId}${row.isCurrent ? ' (current)' : ''}` : '';
  const changed = Object.fromEntries(version.changed.map((name) => [name, values[name] ?? null]));
  return [`  ${table} version ${version.number}${record}: ${object}`, `    ${describeValues(changed)}`];
}

function describeState(quarantine: QuarantineState | undefined): string {
  if (quarantine?.state === 'settled') return `, settled by batch ${quarantine.settledBy}`;
  return quarantine?.state === 'discarded' ? ', discarded' : ', open';
}

function describeWarehouse({ rows, deletions, held }: RowInWarehouse): string[] {
  return [
    'Warehouse',
    ...(rows.length + held.length === 0 ? ['  has no such row'] : []),
    ...rows.map(({ table, recordId, isCurrent, version }) => {
      const record = recordId === null ? '' : ` record ${recordId}`;
      const origin = version === null ? 'has values that no batch of the lake has' : `has version ${version}`;
      return `  ${table}${record} ${origin}${isCurrent && recordId !== null ? ', current' : ''}`;
    }),
    ...deletions.map(({ table, deletedBatch, restoredBatch }) => {
      const restored = restoredBatch === null ? '' : `, restored by batch ${restoredBatch}`;
      return `  ${table} deleted by batch ${deletedBatch}${restored}`;
    }),
    ...held.map(
      ({ table, batch, missing }) =>
        `  ${table} of batch ${batch} is held until the dimension rows of ${missing.join(', ')} arrive`,
    ),
  ];
}

function describeValues(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${shorten(value)}`)
    .join(', ');
}

function shorten(value: string | null): string {
  if (value === null) return 'null';
  const line = JSON.stringify(value);
  return line.length <= MOST_CHARACTERS ? line : `${line.slice(0, MOST_CHARACTERS)}… (${value.length} characters)`;
}
