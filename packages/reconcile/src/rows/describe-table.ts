import type { Model, WarehouseTable } from '@totesys/schema';
import { actualRows } from '../sql/actual-rows.ts';
import { cellKind, type Hashing } from '../sql/cell.ts';
import { expectedRows } from '../sql/expected-rows.ts';
import { describeCalendar } from './calendar.ts';
import type { ComparedTable } from './compared-table.ts';
import { readCurrencyNames } from './currency-names.ts';
import type { Pair } from './snapshots.ts';

/** Returns a table of the warehouse with the rows that it should have and the rows that it has. */
export async function describeTable(
  model: Model,
  table: WarehouseTable,
  pair: Pair,
  hashing: Hashing,
): Promise<ComparedTable> {
  if (table.kind === 'calendar') return describeCalendar(pair.warehouse, model, table, hashing);
  const currencies = await readCurrencyNames(pair.source, model, table);
  return {
    name: table.name,
    origin: table,
    columns: table.columns.map(({ name, type, derivation }) => ({
      name,
      kind: derivation.kind === 'parsedDate' ? 'text' : cellKind(type),
    })),
    hashing,
    expected: expectedRows(model, table, currencies),
    actual: actualRows(table),
    keepsRows: table.kind === 'dimension',
    unreadable: new Set(),
    describeKey: (key) => key,
  };
}
