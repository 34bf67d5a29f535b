import { type Connection, SqlState, sqlStateOf } from '@totesys/runtime';
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

/** A view of a fact: its name, and what it selects of these columns. */
export interface FactView {
  readonly fact: Fact;
  readonly name: string;
  readonly select: (fact: Fact, columns: readonly string[]) => string;
}

/** The views of a fact: its current state, and its second name where it has one. */
export function viewsOf(fact: Fact): FactView[] {
  const current = { fact, name: currentView(fact), select: selectCurrent };
  return fact.alias === undefined ? [current] : [current, { fact, name: fact.alias, select: selectAlias }];
}

/**
 * Creates a view, or replaces one that differs: a replacement waits for its readers and keeps new ones out. Columns that the model has
 * gained come last, so that views of others on it stay valid.
 */
export async function bringView(sql: Connection, { fact, name, select }: FactView): Promise<void> {
  const shown = await readViewColumns(sql, fact, name);
  const declared = factColumns(fact);
  const stranger = shown.find((column) => !declared.includes(column));
  if (stranger !== undefined) {
    throw warehouseUnfit(name, `it shows a column '${stranger}' that '${fact.name}' has not`, 'no such column', 'one');
  }
  const statement = select(fact, [...shown, ...declared.filter((column) => !shown.includes(column))]);
  if (shown.length > 0 && (await isDefinedAs(sql, name, statement))) return;
  try {
    await sql.unsafe(createView(name, statement));
  } catch (error) {
    // Postgres changes no column of a view that is there.
    if (sqlStateOf(error) !== SqlState.invalidTableDefinition) throw error;
    const { message } = error as Error;
    throw warehouseUnfit(name, 'it cannot be replaced', `the columns of '${fact.name}'`, message);
  }
}

// The server writes both definitions, in the same words: a text that we keep would miss a view that was changed by hand.
async function isDefinedAs(sql: Connection, name: string, select: string): Promise<boolean> {
  await sql.unsafe(`create temporary view totesys_declared as ${select}`);
  const [row] = await sql.unsafe(
    `select pg_get_viewdef($1::text::regclass) = pg_get_viewdef('pg_temp.totesys_declared'::regclass) as same`,
    [warehouseRelation(name)],
  );
  await sql.unsafe('drop view pg_temp.totesys_declared');
  return row?.same === true;
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
