import { KeySetBuilder, type Store, writeRequest } from '@totesys/lake';
import { inTransaction, type Pool, READ_COMMITTED } from '@totesys/runtime';
import { type Calendar, currentView, factsOf, type Model, quoteIdentifier, warehouseRelation } from '@totesys/schema';
import { describeDay, firstDay } from './calendar.ts';
import type { Findings } from './findings.ts';

/** Ranges that one request names: well below what a request may weigh. */
const REQUEST_RANGES = 100_000;
const DAY_MS = 86_400_000;

/** What was asked of the next ingest: the requests, how many source rows they name, and what no row of the source can mend. */
export interface Repair {
  readonly requests: readonly string[];
  readonly keys: number;
  readonly beyond: readonly string[];
}

/**
 * Files requests for the source rows behind all differences, so that they are read, derived and loaded again as any change is. A day of
 * the calendar comes with a fact that has a date in its year.
 */
export async function fileRepair(
  model: Model,
  findings: Findings,
  { ingestion, warehouse }: { ingestion: Store; warehouse: Pool },
): Promise<Repair> {
  const wanted = new Map<string, KeySetBuilder>();
  const beyond: string[] = [];
  const ask = (table: string, first: number, last: number) => {
    const keys = wanted.get(table) ?? new KeySetBuilder();
    keys.addRange(first, last);
    wanted.set(table, keys);
  };
  for (const table of model.warehouse) {
    const ranges = findings.rangesOf(table.name);
    if (table.kind !== 'calendar') for (const [first, last] of ranges) ask(table.source, first, last);
    else {
      const { years, others } = yearsOf(ranges);
      for (const year of years) {
        const row = await findRowOfYear(warehouse, model, table, year);
        if (row) ask(row.table, row.key, row.key);
        else beyond.push(`${table.name} ${year}`);
      }
      beyond.push(...others.map((day) => `${table.name} ${describeDay(day)}`));
    }
  }
  const requests: string[] = [];
  let keys = 0;
  for (const [table, builder] of wanted) {
    const set = builder.build();
    const ranges = [...set.ranges()];
    keys += set.count;
    for (let at = 0; at < ranges.length; at += REQUEST_RANGES) {
      const asked = { table, keys: ranges.slice(at, at + REQUEST_RANGES) };
      requests.push(await writeRequest(ingestion, { kind: 'read', reason: 'repair', tables: [asked] }));
    }
  }
  return { requests, keys, beyond };
}

// The years as Postgres counts them, which has no year 0, and the days that have none: an infinite one is of no fact.
function yearsOf(ranges: readonly (readonly [number, number])[]): { years: number[]; others: number[] } {
  const years = new Set<number>();
  const others: number[] = [];
  for (const [first, last] of ranges) {
    for (let day = first; day <= last; day++) {
      const year = new Date(day * DAY_MS).getUTCFullYear();
      if (Number.isNaN(year)) others.push(day);
      else years.add(year > 0 ? year : year - 1);
    }
  }
  return { years: [...years], others };
}

async function findRowOfYear(
  warehouse: Pool,
  model: Model,
  calendar: Calendar,
  year: number,
): Promise<{ table: string; key: number } | undefined> {
  for (const fact of factsOf(model)) {
    const dates = fact.columns.filter(({ references }) => references === calendar.name);
    const within = dates.map(
      ({ name }) => `${quoteIdentifier(name)} between ${firstDay('$1::integer')} and make_date($1::integer, 12, 31)`,
    );
    if (within.length === 0) continue;
    const statement = `select ${quoteIdentifier(fact.key)}::text as key from ${warehouseRelation(currentView(fact))} where ${within.join(' or ')} limit 1`;
    const [row] = await inTransaction(warehouse, READ_COMMITTED, (sql) => sql.unsafe(statement, [year]));
    if (row) return { table: fact.source, key: Number(row.key) };
  }
  return undefined;
}
