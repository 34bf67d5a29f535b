import type { RowHistory, RowVersion } from '@totesys/report';
import type { Explanation } from '../explain/describe-explanation.ts';
import type { RowInBatch } from '../explain/read-row-in-batch.ts';
import type { Subject } from '../explain/subject.ts';

/** Returns what is known of a row as the report shows it; without values unless `showsValues`. */
export function describeRow(subject: Subject, explanation: Explanation, showsValues: boolean): RowHistory {
  return {
    table: subject.source.name,
    key: subject.key,
    versions: explanation.versions.map((version) => describeVersion(version, explanation, showsValues)),
    events: [...describeBatchEvents(explanation), ...describeHeld(explanation)].sort((a, b) => a.batch - b.batch),
  };
}

function describeVersion(
  version: Explanation['versions'][number],
  { batches, warehouse }: Explanation,
  showsValues: boolean,
): RowVersion {
  const { table, number, batch, values, changed } = version;
  const found = batches.find((each) => each.batch === batch);
  const row = warehouse?.rows.find((each) => each.table === table && each.version === number);
  return {
    table,
    number,
    batch,
    sourceClock: found?.sourceClock ?? '',
    recordId: row?.recordId ?? null,
    isCurrent: row?.isCurrent ?? false,
    objects: [...(found ? describeObjects(found) : []), { what: 'derived', key: version.object }],
    columns: Object.entries(values).map(([name, value]) => ({
      name,
      ...(showsValues && { value }),
      isChanged: changed.includes(name),
    })),
  };
}

function describeObjects({ states }: RowInBatch): RowVersion['objects'] {
  return states.flatMap(({ role, object, joined }) => [
    { what: role === 'context' ? 'source row, unchanged' : 'source row', key: object },
    ...joined.map((other) => ({ what: `joined ${other.table} ${other.key}`, key: other.object })),
  ]);
}

function describeBatchEvents({ batches, quarantine }: Explanation): RowHistory['events'] {
  return batches.flatMap(({ batch, deletedBy, quarantined }) => {
    const state = quarantine.find((each) => each.batch === batch);
    return [
      ...(deletedBy === undefined ? [] : [{ batch, text: `deleted in the source: ${deletedBy}` }]),
      ...quarantined.map(({ by, values }) => ({
        batch,
        text:
          `column ${values.column} quarantined by ${by}: ${values.reason}` +
          `${state ? `; ${state.state}${state.settledBy === null ? '' : ` by batch ${state.settledBy}`}` : ''}`,
      })),
    ];
  });
}

function describeHeld({ warehouse }: Explanation): RowHistory['events'] {
  return [
    ...(warehouse?.held ?? []).map(({ table, batch, missing }) => ({
      batch,
      text: `${table} is held until the dimension rows of ${missing.join(', ')} arrive`,
    })),
    ...(warehouse?.deletions ?? []).flatMap(({ table, restoredBatch }) =>
      restoredBatch === null ? [] : [{ batch: restoredBatch, text: `${table} came back` }],
    ),
  ];
}
