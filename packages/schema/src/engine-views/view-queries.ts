import { BATCH_COLUMN, PUBLISHED_BATCHES } from '../published-tables.ts';

/** The column of a state with the batch that replaced it. */
const UNTIL = 'until_batch';

/** A published table, as its views read it. */
export interface Viewed {
  readonly name: string;
  readonly key: string;
  /** All columns except `batch`. */
  readonly columns: readonly string[];
  /** The published table with the deletions of a fact. */
  readonly deletions: string | undefined;
  readonly quote: (name: string) => string;
}

/** Selects the present values of each row: those of its newest batch, unless a deletion is newer. */
export function currentRows({ name, key, columns, deletions, quote }: Viewed): string {
  const id = quote(key);
  const batch = quote(BATCH_COLUMN);
  const batches = [name, ...(deletions === undefined ? [] : [deletions])].map(
    (table) => `select ${id}, ${batch} from ${quote(table)} where ${isPublished(quote)}`,
  );
  return `select ${list(columns, quote, 't')}, t.${batch}
  from ${quote(name)} t
  join (select ${id} as id, max(${batch}) as newest
          from (${batches.join('\n                union all ')}) e
         group by ${id}) n on n.id = t.${id} and n.newest = t.${batch}`;
}

/** Selects each state of each row with the batch that brought it and the batch that replaced or deleted it. */
export function rowStates(viewed: Viewed): string {
  const { key, columns, quote } = viewed;
  const [batch, until, gone] = [BATCH_COLUMN, UNTIL, 'is_deletion'].map(quote);
  // ClickHouse has 0 where there is no next row.
  const next = `nullif(lead(${batch}) over (partition by ${quote(key)} order by ${batch}), 0)`;
  return `${withChanges(viewed, viewed.deletions)}
select ${list(columns, quote)}, ${batch}, ${until}
  from (select ${list(columns, quote)}, ${batch}, ${gone}, ${next} as ${until} from changes where is_change = 1) s
 where ${gone} = 0`;
}

/** Selects each version of a fact with its number. What was deleted and came back unchanged is no version. */
export function factVersions(viewed: Viewed): string {
  const { key, columns, quote } = viewed;
  const batch = quote(BATCH_COLUMN);
  return `${withChanges(viewed, undefined)}
select ${list(columns, quote)}, ${batch},
       row_number() over (partition by ${quote(key)} order by ${batch}) as ${quote('version')}
  from changes
 where is_change = 1`;
}

// Defines `changes`: each published row and deletion in the order of its batch, and whether it differs from the one
// before it.
function withChanges({ name, key, columns, quote }: Viewed, deletions: string | undefined): string {
  const [id, batch, gone] = [key, BATCH_COLUMN, 'is_deletion'].map(quote);
  const rows = `select ${list(columns, quote)}, ${batch}, 0 as ${gone} from ${quote(name)} where ${isPublished(quote)}`;
  const nothing = columns.map((column) => (column === key ? id : 'null')).join(', ');
  const deleted =
    deletions === undefined
      ? []
      : [`select ${nothing}, ${batch}, 1 from ${quote(deletions)} where ${isPublished(quote)}`];
  const same = [...columns.filter((column) => column !== key).map(quote), gone].map(
    (column) => `${column} is not distinct from lag(${column}) over earlier`,
  );
  // No row is before the first one: engines show null or 0 for its values.
  return `with events as (
  ${[rows, ...deleted].join('\n  union all ')}),
changes as (
  select ${list(columns, quote)}, ${batch}, ${gone},
         case when row_number() over earlier = 1 then 1
              when ${same.join('\n               and ')} then 0
              else 1 end as is_change
    from events
  window earlier as (partition by ${id} order by ${batch}))`;
}

function isPublished(quote: (name: string) => string): string {
  const batch = quote(BATCH_COLUMN);
  return `${batch} <= (select max(${batch}) from ${quote(PUBLISHED_BATCHES)})`;
}

function list(columns: readonly string[], quote: (name: string) => string, alias?: string): string {
  return columns.map((column) => (alias === undefined ? quote(column) : `${alias}.${quote(column)}`)).join(', ');
}
