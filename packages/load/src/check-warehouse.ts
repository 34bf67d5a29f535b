import { type Connection, ErrorCode, PipelineError } from '@totesys/runtime';
import {
  type ColumnType,
  type Fact,
  postgresType,
  quoteIdentifier,
  type WarehouseTable,
  warehouseRelation,
} from '@totesys/schema';

interface ActualColumn {
  readonly name: string;
  readonly type: string;
  readonly not_null: boolean;
  readonly has_default: boolean;
}

/** Checks that a table that somebody else may have made is what the model says, and adds what an empty one lacks. */
export async function checkTable(sql: Connection, table: WarehouseTable): Promise<void> {
  const actual = await readColumns(sql, table.name);
  const declared = table.columns.map((column) => ({ nullable: false, ...column }));
  for (const column of declared) {
    const found = actual.find(({ name }) => name === column.name);
    if (!found) await addColumn(sql, table, column);
    else {
      if (!fits(column.type, found.type)) {
        throw unfit(table.name, `column '${column.name}' has another type`, postgresType(column.type), found.type);
      }
      if (column.nullable && found.not_null) {
        throw unfit(
          table.name,
          `column '${column.name}' must not be null there`,
          'a column that may be null',
          'not null',
        );
      }
    }
  }
  const key = table.kind === 'fact' ? table.recordId : table.key;
  if (!actual.some(({ name }) => name === key))
    throw unfit(table.name, `column '${key}' is missing`, 'its key', 'none');
  for (const { name, not_null, has_default } of actual) {
    const isOurs = name === key || declared.some((column) => column.name === name);
    if (!isOurs && not_null && !has_default) {
      throw unfit(
        table.name,
        `column '${name}' is not the model's and needs a value`,
        'one that may be null',
        'not null',
      );
    }
  }
  await checkPrimaryKey(sql, table.name, key);
}

/** Checks that record ids rise in the order of loading: one by one, from one source, never again from the start. */
export async function checkSequence(sql: Connection, fact: Fact): Promise<void> {
  const [sequence] = await sql.unsafe(
    `select s.seqincrement::text as increment, s.seqcache::text as cache, s.seqcycle as cycle
       from pg_sequence s where s.seqrelid = pg_get_serial_sequence($1::text, $2::text)::regclass`,
    [warehouseRelation(fact.name), fact.recordId],
  );
  if (!sequence) throw unfit(fact.name, `column '${fact.recordId}' has no sequence of its own`, 'a serial', 'none');
  const got = `increment ${sequence.increment}, cache ${sequence.cache}${sequence.cycle ? ', cycle' : ''}`;
  if (got !== 'increment 1, cache 1') {
    throw unfit(
      fact.name,
      `the sequence of column '${fact.recordId}' does not rise one by one`,
      'increment 1, cache 1',
      got,
    );
  }
}

/** Checks that nothing but a view of ours bears the fact's second name. */
export async function checkAlias(sql: Connection, fact: Fact): Promise<void> {
  const [relation] = await sql.unsafe('select relkind::text from pg_class where oid = to_regclass($1::text)', [
    warehouseRelation(fact.alias ?? fact.name),
  ]);
  if (relation && relation.relkind !== 'v') {
    throw unfit(
      fact.alias ?? '',
      `it should be a view of '${fact.name}'`,
      'a view or nothing',
      `relkind '${relation.relkind}'`,
    );
  }
}

/** The single-column foreign keys that a table has. */
export async function findForeignKeys(
  sql: Connection,
  table: string,
): Promise<{ name: string; column: string; references: string }[]> {
  const rows = await sql.unsafe(
    `select c.conname as name, a.attname as column, r.relname as references
       from pg_constraint c
       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
       join pg_class r on r.oid = c.confrelid
      where c.contype = 'f' and cardinality(c.conkey) = 1 and c.conrelid = to_regclass($1::text)`,
    [warehouseRelation(table)],
  );
  return rows.map(({ name, column, references }) => ({ name, column, references }));
}

async function readColumns(sql: Connection, table: string): Promise<ActualColumn[]> {
  const rows = await sql.unsafe(
    `select attname as name, format_type(atttypid, atttypmod) as type, attnotnull as not_null, atthasdef or attidentity <> '' as has_default
       from pg_attribute where attrelid = to_regclass($1::text) and attnum > 0 and not attisdropped order by attnum`,
    [warehouseRelation(table)],
  );
  return rows as unknown as ActualColumn[];
}

async function checkPrimaryKey(sql: Connection, table: string, key: string): Promise<void> {
  const [constraint] = await sql.unsafe(
    `select (select array_agg(a.attname::text) from pg_attribute a where a.attrelid = c.conrelid and a.attnum = any (c.conkey)) as columns
       from pg_constraint c where c.contype = 'p' and c.conrelid = to_regclass($1::text)`,
    [warehouseRelation(table)],
  );
  if (!constraint)
    await sql.unsafe(`alter table ${warehouseRelation(table)} add primary key (${quoteIdentifier(key)})`);
  else if (constraint.columns.join() !== key)
    throw unfit(table, 'its primary key is another', key, constraint.columns.join(', '));
}

// A column that the model has gained. The rows that are there have no value for it, so it must allow that, or there must be none.
async function addColumn(
  sql: Connection,
  table: WarehouseTable,
  column: { name: string; type: ColumnType; nullable: boolean },
): Promise<void> {
  const relation = warehouseRelation(table.name);
  const type = postgresType(column.type);
  if (!column.nullable) {
    const [row] = await sql.unsafe(`select exists (select from ${relation}) as filled`);
    if (row?.filled === true) {
      throw unfit(
        table.name,
        `column '${column.name}' is missing and the table has rows`,
        `${type} not null`,
        'no such column',
      );
    }
  }
  await sql.unsafe(
    `alter table ${relation} add column ${quoteIdentifier(column.name)} ${type}${column.nullable ? '' : ' not null'}`,
  );
}

// Text of any declared length and a numeric without a declared scale hold the same values.
function fits(type: ColumnType, actual: string): boolean {
  if (type.kind === 'varchar') return actual === 'text' || /^character varying(\(\d+\))?$/.test(actual);
  if (type.kind !== 'numeric') return actual === postgresType(type);
  const match = /^numeric\((\d+),(\d+)\)$/.exec(actual);
  if (!match) return actual === 'numeric';
  return Number(match[2]) >= type.scale && Number(match[1]) - Number(match[2]) >= type.precision - type.scale;
}

function unfit(table: string, fault: string, expected: string, got: string): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table 'public.${table}' of the warehouse does not fit the model: ${fault}; expected ${expected}, got ${got}. Alter or drop it, or load into an empty database (the lake has all of it).`,
    { context: { table } },
  );
}
