import type { TableState } from '@totesys/lake';
import { type Connection, type PipelineError, query } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { type ColumnRow, describeTables } from '../sql/describe-tables.ts';
import { describeTable, findTableFaults } from './check-table.ts';
import { readPartitions } from './source-partitions.ts';

/** What a table's values depend on besides its rows: if it changes, the table is read again. */
export type TableLayout = TableState['layout'];

/** The layout of the source's tables, with a warning for each column that is not in the model. */
export interface SourceLayout {
  readonly tables: ReadonlyMap<string, TableLayout>;
  readonly warnings: readonly string[];
}

/** The layout of the tables that a run can read, and the faults for which it stops. */
export interface ComparedLayout extends SourceLayout {
  readonly faults: readonly PipelineError[];
}

/** What the last batch saw of each table: it distinguishes a renamed column from a dropped one. */
type LayoutsBefore = Readonly<Record<string, { readonly layout: TableLayout }>>;

/**
 * Reads the layout of the model's tables; throws if a table or column is missing or of another type than the model
 * expects. `before` is what the last batch saw.
 */
export async function readSourceLayout(
  connection: Connection,
  model: Model,
  before: LayoutsBefore = {},
): Promise<SourceLayout> {
  const { tables, warnings, faults } = await compareSourceLayout(connection, model, before);
  const [first] = faults;
  if (first) throw first;
  return { tables, warnings };
}

/** Reads the layout of the model's tables like `readSourceLayout`, and returns the faults instead of throwing one. */
export async function compareSourceLayout(
  connection: Connection,
  model: Model,
  before: LayoutsBefore = {},
): Promise<ComparedLayout> {
  const names = model.source.map((table) => table.name);
  const rows = await query<ColumnRow>(connection, { text: describeTables, parameters: [names] });
  const partitions = await readPartitions(connection, model, new Map(rows.map(({ table, oid }) => [table, oid])));
  const tables = new Map<string, TableLayout>();
  const warnings: string[] = [];
  const faults: PipelineError[] = [...partitions.faults];
  for (const table of model.source) {
    const columns = rows.filter((row) => row.table === table.name);
    const found = findTableFaults(table, columns, before[table.name]?.layout);
    faults.push(...found);
    if (found.length === 0) {
      tables.set(table.name, { ...describeTable(table, columns), ...partitions.tables.get(table.name) });
    }
    for (const { column } of columns) {
      if (column in table.columns) continue;
      const fault = `Column '${column}' of table '${table.name}' is not in the model and is not carried`;
      warnings.push(`${fault}. Add it to the model if the warehouse needs it.`);
    }
  }
  return { tables, warnings, faults };
}
