import { type Connection, SqlState, sqlStateOf } from '@totesys/runtime';
import {
  createAliasView,
  createCurrentView,
  currentView,
  type Fact,
  factColumns,
  warehouseRelation,
} from '@totesys/schema';
import { warehouseUnfit } from './warehouse-unfit.ts';

/** Creates a fact's views; columns that the model has gained come last, so that what others built on a view stays. */
export async function createViews(sql: Connection, fact: Fact): Promise<void> {
  await createView(sql, fact, currentView(fact), createCurrentView);
  if (fact.alias !== undefined) await createView(sql, fact, fact.alias, createAliasView);
}

async function createView(
  sql: Connection,
  fact: Fact,
  name: string,
  statement: (fact: Fact, columns: readonly string[]) => string,
): Promise<void> {
  const shown = await readViewColumns(sql, fact, name);
  const declared = factColumns(fact);
  const stranger = shown.find((column) => !declared.includes(column));
  if (stranger !== undefined) {
    throw warehouseUnfit(name, `it shows a column '${stranger}' that '${fact.name}' has not`, 'no such column', 'one');
  }
  try {
    await sql.unsafe(statement(fact, [...shown, ...declared.filter((column) => !shown.includes(column))]));
  } catch (error) {
    // Postgres changes no column of a view that is there.
    if (sqlStateOf(error) !== SqlState.invalidTableDefinition) throw error;
    const { message } = error as Error;
    throw warehouseUnfit(name, 'it cannot be replaced', `the columns of '${fact.name}'`, message);
  }
}

async function readViewColumns(sql: Connection, fact: Fact, name: string): Promise<string[]> {
  const [relation] = await sql.unsafe(
    `select c.relkind::text as kind, (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
                                       where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
       from pg_class c where c.oid = to_regclass($1::text)`,
    [warehouseRelation(name)],
  );
  if (!relation) return [];
  if (relation.kind === 'v') return relation.columns;
  throw warehouseUnfit(
    name,
    `it should be a view of '${fact.name}'`,
    'a view or nothing',
    `relkind '${relation.kind}'`,
  );
}
