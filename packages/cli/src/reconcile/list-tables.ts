import type { Dimension, Fact, Model } from '@totesys/schema';
import { actualRows } from './actual-rows.ts';
import { compareCalendar } from './calendar-rows.ts';
import { cellKind } from './cell.ts';
import type { ComparedTable } from './compared-table.ts';
import { readCurrencyNames } from './currency-names.ts';
import { expectedRows } from './expected-rows.ts';
import type { Sides } from './snapshots.ts';

/** Every table of the warehouse, each with the rows that it should have and those that it has. */
export async function listTables(model: Model, { source, warehouse }: Sides): Promise<ComparedTable[]> {
  const tables: ComparedTable[] = [];
  for (const table of model.warehouse) {
    tables.push(
      table.kind === 'calendar'
        ? await compareCalendar(warehouse.connections[0], model, table)
        : compared(model, table, await readCurrencyNames(source.connections[0], model, table)),
    );
  }
  return tables;
}

function compared(
  model: Model,
  table: Dimension | Fact,
  currencies: Awaited<ReturnType<typeof readCurrencyNames>>,
): ComparedTable {
  return {
    name: table.name,
    origin: table,
    columns: table.columns.map(({ name, type, derivation }) => ({
      name,
      kind: derivation.kind === 'parsedDate' ? 'text' : cellKind(type),
    })),
    expected: expectedRows(model, table, currencies),
    actual: actualRows(table),
    keepsRows: table.kind === 'dimension',
    describeKey: (key) => key,
  };
}
