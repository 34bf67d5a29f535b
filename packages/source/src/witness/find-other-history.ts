import { FIRST_EPOCH, fenceNumber } from '../snapshot/fence.ts';
import { checkNewestRows } from './check-newest-rows.ts';
import { checkWitnessRows } from './check-witness-rows.ts';
import { readServer, unlessRefused } from './read-witness-rows.ts';
import { parseWitnessRow } from './table-witness.ts';
import type { Witnessed, WitnessedTable } from './witnessed.ts';

/**
 * Looks for proof that a source with the same identity was restored from a copy and has moved on since. Returns the
 * proof as a sentence, otherwise undefined. Every run looks up the rows that manifests name as witnesses. Only if the
 * server has started since the last batch does a run compare all rows of the newest transactions, by one scan of each
 * table: a copy is never restored under a running server.
 */
export async function findOtherHistory(witnessed: Witnessed): Promise<string | undefined> {
  const { state, snapshot } = witnessed;
  const tables = findWitnessedTables(witnessed);
  if (tables.length === 0) return undefined;
  const ids = new Set(tables.flatMap(({ rows }) => rows.map(({ id }) => String(id))));
  const { startedAt, uncommitted } = await readServer(snapshot.connections[0], [...ids]);
  const isSameServer = startedAt === state.manifest.source.startedAt;
  // What hints may have missed excuses no row of a copy: under a restarted server everything up to the fence counts.
  const judged = isSameServer ? witnessed : { ...witnessed, completeBefore: state.manifest.fence.to.xmin };
  const contradiction = await checkWitnessRows(judged, tables);
  if (contradiction !== undefined) return contradiction;
  // After the first epoch a row's xmin may be the id of an older transaction.
  if (fenceNumber(snapshot.fence.xmax) >= FIRST_EPOCH) return undefined;
  if (uncommitted.length > 0) return `transaction ${uncommitted[0]}, whose rows a batch carried, is not committed`;
  if (isSameServer) return undefined;
  for (const table of tables) {
    // A table that cannot be scanned stops the run later, when it is counted.
    const proof = await unlessRefused(snapshot.connections[0], () => checkNewestRows(judged, table));
    if (proof !== undefined) return proof;
  }
  return undefined;
}

// Rows come and go with partitions, and a table with another oid is read again anyway.
function findWitnessedTables({ state, layout, model }: Witnessed): WitnessedTable[] {
  return model.source.flatMap((table) => {
    const before = state.manifest.tables[table.name];
    const now = layout.tables.get(table.name);
    const isComparable = before?.layout.oid === now?.oid && `${before?.layout.partitions}` === `${now?.partitions}`;
    if (!before?.witness || !isComparable) return [];
    return [{ table, before, witness: before.witness, rows: before.witness.rows.map(parseWitnessRow) }];
  });
}
