import {
  type Fact,
  foreignKeysOf,
  type Model,
  quoteIdentifier,
  quoteLiteral,
  type WarehouseForeignKey,
  warehouseRelation,
} from '@totesys/schema';
import { columnList, deletedStagingOf, stagingOf } from './staging.ts';

/** Whether the warehouse holds rows of a fact. */
export interface HoldsAny {
  readonly any: boolean;
}

/** Selects whether rows of fact $1 are held. */
export const selectHoldsAny = 'select exists (select from etl.held where fact = $1::text) as any';

/** The number of held rows. */
export interface HeldCount {
  readonly held: number;
}

/** Counts the held rows of the facts $1. */
export const countHeldRows = 'select count(*)::int as held from etl.held where fact = any ($1::text[])';

/** The held rows of a fact, and the columns whose dimension rows are missing. */
export interface HeldFact {
  readonly fact: string;
  readonly rows: number;
  readonly columns: readonly string[];
}

/** Selects the held rows of each fact of $1 that has any. */
export const selectHeldFacts = `select h.fact, count(distinct h.id)::int as rows,
         array_agg(distinct m.name order by m.name) as columns
    from etl.held h cross join unnest(h.missing) m (name)
   where h.fact = any ($1::text[])
   group by h.fact order by h.fact`;

/** Moves the rows of the staging whose dimension row is missing to `etl.held`; $1 is the fact's name, $2 the batch. */
export function holdUnreferenced(model: Model, fact: Fact): string {
  const keys = foreignKeysOf(model, fact).map((key) => ({ ...key, missing: isMissing(key, 's') }));
  const named = keys.map(({ column, missing }) => `case when ${missing} then ${quoteLiteral(column)}::text end`);
  return `with unreferenced as (
      delete from ${stagingOf(fact.name)} s
       where ${['false', ...keys.map(({ missing }) => `(${missing})`)].join(' or ')}
      returning s.*)
    insert into etl.held (fact, id, batch, row, missing)
    select $1::text, s.${quoteIdentifier(fact.key)}, $2::integer, to_jsonb(s),
           array_remove(array[${named.join(', ')}]::text[], null)
      from unreferenced s
    on conflict (fact, id) do update set batch = excluded.batch, row = excluded.row, missing = excluded.missing`;
}

/** Moves held rows of fact $1 whose dimension rows have all arrived back to the staging, ordered by id. */
export function releaseHeld(model: Model, fact: Fact): string {
  const staging = stagingOf(fact.name);
  const present = foreignKeysOf(model, fact).map((key) => isPresent(key, 'r'));
  return `with released as (
      delete from etl.held h
       where h.fact = $1::text
         and exists (select from jsonb_populate_record(null::${staging}, h.row) r
                      where ${['true', ...present].join(' and ')})
      returning h.id, h.row)
    insert into ${staging} (${columnList(fact)})
    select ${columnList(fact, 'r')}
      from released, lateral jsonb_populate_record(null::${staging}, released.row) r
     order by released.id`;
}

/** Deletes the held rows of fact $1 for which the batch brings a newer version. */
export function dropReplacedHeld(fact: Fact): string {
  return dropHeldIn(stagingOf(fact.name), fact);
}

/** Deletes the held rows of fact $1 whose rows were deleted in the source. */
export function dropDeletedHeld(fact: Fact): string {
  return dropHeldIn(deletedStagingOf(fact), fact);
}

function isMissing(key: WarehouseForeignKey, alias: string): string {
  return `${alias}.${quoteIdentifier(key.column)} is not null and not ${isReferenced(key, alias)}`;
}

function isPresent(key: WarehouseForeignKey, alias: string): string {
  return `(${alias}.${quoteIdentifier(key.column)} is null or ${isReferenced(key, alias)})`;
}

function isReferenced({ column, references, key }: WarehouseForeignKey, alias: string): string {
  const relation = warehouseRelation(references);
  return `exists (select from ${relation} d where d.${quoteIdentifier(key)} = ${alias}.${quoteIdentifier(column)})`;
}

function dropHeldIn(staging: string, fact: Fact): string {
  return `delete from etl.held h where h.fact = $1::text
     and exists (select from ${staging} s where s.${quoteIdentifier(fact.key)} = h.id)`;
}
