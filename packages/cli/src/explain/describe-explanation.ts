import type { Values } from './find-row.ts';
import type { QuarantineState } from './quarantine-state.ts';
import type { BatchStory } from './read-row-in-batch.ts';
import type { WarehouseStory } from './read-row-in-warehouse.ts';
import type { Version } from './versions.ts';

/** As much of a value as a line shows; --json has all of it. */
const SHOWN_CHARACTERS = 80;

/** A row's story as lines for a person: batch by batch what the source said and what came of it, then what the warehouse has. */
export function describeStory(
  stories: readonly BatchStory[],
  versions: readonly Version[],
  quarantine: readonly QuarantineState[],
  warehouse: WarehouseStory | undefined,
): string[] {
  const news = new News();
  return [
    ...stories.flatMap((story) => {
      const state = quarantine.find(({ batch }) => batch === story.batch);
      return describeBatch(story, news, versions, state, warehouse);
    }),
    ...(warehouse ? describeWarehouse(warehouse) : []),
  ];
}

/** Of each row what was shown of it last: a line has what is new. */
class News {
  readonly #last = new Map<string, Values>();

  /** The columns of a row in which it differs from how it was shown last; all of them the first time. */
  of(row: string, values: Values): string {
    const before = this.#last.get(row);
    this.#last.set(row, values);
    const news = Object.entries(values).filter(([name, value]) => before?.[name] !== value);
    return news.length === 0 ? 'as before' : shown(Object.fromEntries(news));
  }
}

function describeBatch(
  story: BatchStory,
  news: News,
  versions: readonly Version[],
  quarantine: QuarantineState | undefined,
  warehouse: WarehouseStory | undefined,
): string[] {
  const { batch, sourceClock, fence, requests } = story;
  const asked = requests.length > 0 ? `, with requests ${requests.join(', ')}` : '';
  return [
    `Batch ${batch}, read at ${sourceClock}, snapshot ${fence.from ? `${fence.from.xmin}:${fence.from.xmax}` : 'none'} to ${fence.to.xmin}:${fence.to.xmax}${asked}`,
    ...story.states.flatMap(({ role, object, values, joined }) => [
      `  ${role === 'context' ? 'not changed, but a row that it joins to' : 'changed'}: ${object}`,
      `    ${news.of('', values)}`,
      ...joined.flatMap((row) => {
        const name = `${row.table} ${row.key}`;
        return [`    joined ${name}: ${row.object}`, `      ${news.of(name, row.values)}`];
      }),
    ]),
    ...(story.deletedBy ? [`  deleted in the source: ${story.deletedBy}`] : []),
    ...story.quarantined.flatMap(({ by, object, values }) => [
      `  in quarantine by ${by}${stateOf(quarantine)}: column '${values.column}', ${values.reason}: ${brief(values.text ?? null)}`,
      `    ${object}`,
    ]),
    ...(story.isTransformed ? [] : ['  not transformed yet']),
    ...story.derived.flatMap(({ table, object, values }) => {
      const version = versions.find((each) => each.table === table && each.batch === batch);
      const row = warehouse?.rows.find((each) => each.table === table && version && each.version === version.number);
      const record = row?.recordId ? `, record ${row.recordId}${row.isCurrent ? ' (current)' : ''}` : '';
      if (!version) return [`  ${table}: the same as before: ${object}`];
      const changed = Object.fromEntries(version.changed.map((name) => [name, values[name] ?? null]));
      return [`  ${table} version ${version.number}${record}: ${object}`, `    ${shown(changed)}`];
    }),
  ];
}

function stateOf(quarantine: QuarantineState | undefined): string {
  if (quarantine?.state === 'settled') return ` until batch ${quarantine.settledBy}`;
  return quarantine?.state === 'discarded' ? ', discarded' : ', still there';
}

function describeWarehouse({ rows, deletions, held }: WarehouseStory): string[] {
  return [
    'Warehouse',
    ...(rows.length + held.length === 0 ? ['  has no row of it'] : []),
    ...rows.map(({ table, recordId, isCurrent, version }) => {
      const record = recordId === null ? '' : ` record ${recordId}`;
      const origin = version === null ? 'shows what no batch of the lake has' : `shows version ${version}`;
      return `  ${table}${record} ${origin}${isCurrent && recordId !== null ? ', current' : ''}`;
    }),
    ...deletions.map(
      ({ table, deletedBatch, restoredBatch }) =>
        `  ${table} deleted with batch ${deletedBatch}${restoredBatch === null ? '' : `, there again with batch ${restoredBatch}`}`,
    ),
    ...held.map(
      ({ table, batch, missing }) =>
        `  ${table} of batch ${batch} waits for the dimension rows of ${missing.join(', ')}`,
    ),
  ];
}

function shown(values: Values): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${brief(value)}`)
    .join(', ');
}

function brief(value: string | null): string {
  if (value === null) return 'null';
  const line = JSON.stringify(value);
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}… (${value.length} characters)`;
}
