import { LONGEST_PART_TEXT } from '@totesys/lake';
import type { Statement } from '@totesys/runtime';
import {
  comparedColumns,
  firstBatch,
  historyRelation,
  isText,
  keyNumber,
  type LatestTable,
  postgresType,
  quoteIdentifier,
  quoteLiteral,
  UNTIL_BATCH,
  warehouseRelation,
} from '@totesys/schema';

/** The rows of one comparison that are named; all are counted. */
const MOST_NAMED = 100;

/** The batch with which the history of the dimensions begins, 0 if it has all batches. */
export interface BeginRow {
  readonly batch: number;
}

/** Selects the newest batch from before the history of the dimensions: its own state is known, and no earlier one. */
export const selectBegin: Statement = {
  text: 'select coalesce(max(batch), 0) as batch from etl.ledger where loaded_with is null',
};

/** What a comparison of rows with the states as of their batch found. */
export interface StatesRow {
  /** The number of rows whose state is missing or another one. */
  readonly differing: number;
  /** The first keys of these rows. */
  readonly keys: readonly string[] | null;
  /**
   * Rows whose state is another one, and was replaced by the row's own values: key and `until_batch`. So it is after a
   * change by hand that a repair has corrected. These rows are not among `differing`.
   */
  readonly corrected: readonly (readonly [key: string, until: number])[] | null;
  /** How many of the rows replaced a state in the batch. */
  readonly replaced: number;
  /** How many of the rows are the first of their key. */
  readonly first: number;
}

/**
 * Compares rows of a dimension from batch `batch`, as JSON texts, with the states as of that batch. In place of a long
 * text the rows have its hash, as `readPartTexts` returns it.
 */
export function compareStates(table: LatestTable, rows: string, batch: number): Statement {
  const key = quoteIdentifier(table.key);
  const typed = table.columns.map(({ name, type }) => `${quoteIdentifier(name)} ${postgresType(type)}`);
  const differs = (alias: string) =>
    `(${comparedColumns(table, 'g')}) is distinct from (${comparedColumns(table, alias)})`;
  return {
    text: `
with given as materialized (
  select distinct on (r.${key}) r.* from jsonb_to_recordset($1::text::jsonb) r (${typed.join(', ')}) order by r.${key}),
judged as (
  select ${keyNumber(table, `g.${key}`)} as number, g.${key}::text as key, s.${UNTIL} as until,
         s.${key} is null or ${differs('s')} as differs, n.${key} is not null and not (${differs('n')}) as corrected,
         exists (select from ${historyRelation(table)} h
                  where h.${key} = g.${key} and h.${UNTIL_BATCH} = $2::integer) as replaced,
         ${firstBatch(table, `g.${key}`)} = $2::integer as first
    from given g
    left join lateral ${stateAsOf(table, '$2::integer')} s
      on coalesce(${firstBatch(table, `g.${key}`)}, 0) <= $2::integer
    left join lateral ${stateAsOf(table, `s.${UNTIL}`)} n on s.${UNTIL} is not null)
select count(*) filter (where differs and not corrected)::int as differing,
       (array_agg(key order by number) filter (where differs and not corrected))[1:${MOST_NAMED}] as keys,
       jsonb_agg(jsonb_build_array(key, until)) filter (where differs and corrected) as corrected,
       count(*) filter (where replaced)::int as replaced, count(*) filter (where first)::int as first
  from judged`,
    parameters: [rows, batch],
  };
}

/** A column of a state that no table of the model has: the batch that replaced it. */
const UNTIL = quoteIdentifier('#until');

// The state of the row `g` as of a batch: its first replacement after the batch, or its present values.
function stateAsOf(table: LatestTable, batch: string): string {
  const key = quoteIdentifier(table.key);
  const columns = (alias: string) => table.columns.map((column) => boundedColumn(column, alias)).join(', ');
  const later = `from ${historyRelation(table)} h where h.${key} = g.${key} and h.${UNTIL_BATCH} > ${batch}`;
  return `(
        (select ${columns('h')}, h.${UNTIL_BATCH} as ${UNTIL} ${later}
          order by h.${UNTIL_BATCH} limit 1)
        union all
        select ${columns('d')}, null::integer from ${warehouseRelation(table.name)} d
         where d.${key} = g.${key} and not exists (select ${later}))`;
}

// A column of a state, or the hash of its long text.
function boundedColumn({ name, type }: LatestTable['columns'][number], alias: string): string {
  const column = quoteIdentifier(name);
  const value = `${alias}.${column}`;
  if (!isText(type)) return value;
  const bytes = `convert_to(${value}, 'UTF8')`;
  // The first condition is cheap: a byte of any encoding is at most four bytes of UTF-8.
  const isLong = `octet_length(${value}) > ${LONGEST_PART_TEXT / 4} and octet_length(${bytes}) > ${LONGEST_PART_TEXT}`;
  return `case when ${isLong} then encode(sha256(${bytes}), 'hex') else ${value} end as ${column}`;
}

/** The number of states that a batch replaced in a dimension, and of keys whose first row it brought. */
export interface RecordedRow {
  readonly table: string;
  readonly replaced: number;
  readonly first: number;
}

/** Selects what the history has of a batch, for each of the dimensions. */
export function selectRecorded(tables: readonly LatestTable[], batch: number): Statement {
  return { text: tables.map(recordedOf).join('\nunion all\n'), parameters: [batch] };
}

function recordedOf(table: LatestTable): string {
  const name = quoteLiteral(table.name);
  const key = keyNumber(table, `d.${quoteIdentifier(table.key)}`);
  return `select ${name} as table,
       (select count(*)::int from ${historyRelation(table)} where ${UNTIL_BATCH} = $1::integer) as replaced,
       (select count(*)::int
          from etl.first_batch s
          left join lateral (select min(n.from_id) as next from etl.first_batch n
                              where n.dimension = s.dimension and n.from_id > s.from_id) n on true
          join ${warehouseRelation(table.name)} d on ${key} >= s.from_id and (n.next is null or ${key} < n.next)
         where s.dimension = ${name} and s.batch = $1::integer) as first`;
}
