import { type Connection, execute, query, SqlState, sqlStateOf } from '@totesys/runtime';
import {
  createView,
  currentView,
  type Fact,
  factColumns,
  selectAlias,
  selectCurrent,
  warehouseRelation,
} from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';
import {
  createDeclaredView,
  dropDeclaredView,
  type SameDefinition,
  selectSameDefinition,
  selectView,
  type ViewRow,
} from '../sql/views.ts';
import type { Migration } from './migration.ts';

/** A view of a fact: its name, and the statement that selects the given columns. */
export interface FactView {
  readonly fact: Fact;
  readonly name: string;
  readonly select: (fact: Fact, columns: readonly string[]) => string;
}

/** Returns the views of a fact: its current state, and its second name if it has one. */
export function viewsOf(fact: Fact): FactView[] {
  const current = { fact, name: currentView(fact), select: selectCurrent };
  return fact.alias === undefined ? [current] : [current, { fact, name: fact.alias, select: selectAlias }];
}

/**
 * Creates a view, or replaces one whose definition differs. A replacement waits for the view's readers and blocks new
 * ones. Columns that the model gained come last, so that views that others built on this one stay valid.
 */
export async function bringView(migration: Migration, { fact, name, select }: FactView): Promise<void> {
  const { connection } = migration;
  const actual = await readViewColumns(connection, fact, name);
  const declared = factColumns(fact);
  const unknown = actual.find((column) => !declared.includes(column));
  if (unknown !== undefined) {
    throw warehouseUnfit(name, `it has a column '${unknown}' that '${fact.name}' lacks`, 'no such column', 'one');
  }
  const added = declared.filter((column) => !actual.includes(column));
  const definition = select(fact, [...actual, ...added]);
  // A plan cannot create the view with which the server compares; a view that lacks a column differs anyway.
  const ifDiffers = migration.isPlan && actual.length > 0 && added.length === 0;
  if (!migration.isPlan && actual.length > 0 && (await isDefinedAs(connection, name, definition))) return;
  try {
    await migration.take({
      relation: `public.${name}`,
      change: actual.length === 0 ? 'create view' : 'replace view',
      statement: createView(name, definition),
      ...(ifDiffers && { ifDiffers }),
    });
  } catch (error) {
    // `create or replace view` cannot change existing columns.
    if (sqlStateOf(error) !== SqlState.invalidTableDefinition) throw error;
    const { message } = error as Error;
    throw warehouseUnfit(name, 'it cannot be replaced', `the columns of '${fact.name}'`, message);
  }
}

async function readViewColumns(connection: Connection, fact: Fact, name: string): Promise<readonly string[]> {
  const statement = { text: selectView, parameters: [warehouseRelation(name)] };
  const [relation] = await query<ViewRow>(connection, statement);
  if (!relation) return [];
  if (relation.kind === 'v') return relation.columns;
  const got = `relkind '${relation.kind}'`;
  throw warehouseUnfit(name, `it should be a view of '${fact.name}'`, 'a view or nothing', got);
}

// The server writes both definitions in the same form. A definition that we stored would miss a change by hand.
async function isDefinedAs(connection: Connection, name: string, definition: string): Promise<boolean> {
  await execute(connection, { text: createDeclaredView(definition) });
  const statement = { text: selectSameDefinition, parameters: [warehouseRelation(name)] };
  const [row] = await query<SameDefinition>(connection, statement);
  await execute(connection, { text: dropDeclaredView });
  return row?.same === true;
}
