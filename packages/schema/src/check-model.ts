import { checkColumnNames, columnNames, findTwice } from './column-names.ts';
import type { SourceTable } from './source-table.ts';
import type { WarehouseTable } from './warehouse-table.ts';

/** Throws unless each table of a model has its own folder in the lake and columns whose names query engines show. */
export function checkModel({
  source,
  warehouse,
}: {
  readonly source: readonly SourceTable[];
  readonly warehouse: readonly WarehouseTable[];
}): void {
  for (const table of source) checkColumnNames(table.name, Object.keys(table.columns));
  for (const table of warehouse) checkColumnNames(table.name, columnNames(table));
  const deleted = warehouse.filter(({ kind }) => kind === 'fact').map(({ name }) => `deleted_${name}`);
  for (const table of warehouse) checkPersonal(table);
  checkFolders(source.map(({ name }) => name));
  checkFolders([...warehouse.map(({ name }) => name), ...deleted]);
}

// A masked key would join nothing.
function checkPersonal(table: WarehouseTable): void {
  if (table.kind === 'calendar') return;
  const masked = table.columns.find(
    ({ name, personal, references }) => personal && (name === table.key || references !== undefined),
  );
  if (masked === undefined) return;
  throw new Error(
    `Column '${masked.name}' of table '${table.name}' is personal and a key: expected keys that are not masked, ` +
      'so that masked views can be joined. Use a key without a meaning, or do not mark the column as personal.',
  );
}

function checkFolders(names: readonly string[]): void {
  for (const name of names) {
    if (!/^[_.]|[/\\=]/.test(name)) continue;
    throw new Error(
      `Table '${name}' cannot have a folder in the lake: expected a name that begins with neither '_' nor '.', ` +
        "which engines skip, and has no '/', '\\' or '='. Give the table another name.",
    );
  }
  const twice = findTwice(names);
  if (twice === undefined) return;
  throw new Error(
    `Two tables would share the folder '${twice}' of one lake: expected names that differ in more than their case. ` +
      'Give one of them another name.',
  );
}
