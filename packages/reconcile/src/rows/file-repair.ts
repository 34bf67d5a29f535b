import { KeySetBuilder, type Store, writeRequest } from '@totesys/lake';
import { inTransaction, type Pool, query, READ_COMMITTED } from '@totesys/runtime';
import { type Calendar, factsOf, type Model } from '@totesys/schema';
import { type KeyRow, selectRowOfYear } from '../sql/calendar.ts';
import { describeDay, yearOf } from './calendar.ts';
import type { Findings } from './findings.ts';

/** Ranges of keys that one request names: well below the largest size of a request. */
const REQUEST_RANGES = 100_000;

/** What a repair requested: the requests, how many source rows they name, and what no row of the source can repair. */
export interface Repair {
  readonly requests: readonly string[];
  readonly keys: number;
  readonly beyond: readonly string[];
}

/**
 * Files requests for the source rows of all differences, so that the next ingest reads them and the pipeline loads them
 * again like any change. For a day of the calendar it requests a fact with a date in the same year.
 */
export async function fileRepair(
  model: Model,
  findings: Findings,
  { ingestion, warehouse }: { ingestion: Store; warehouse: Pool },
): Promise<Repair> {
  const wanted = new WantedKeys();
  const beyond: string[] = [];
  for (const table of model.warehouse) {
    const ranges = findings.rangesOf(table.name);
    if (table.kind !== 'calendar') {
      for (const [first, last] of ranges) wanted.add(table.source, first, last);
      continue;
    }
    const { years, daysWithoutYear } = yearsOf(ranges);
    for (const year of years) {
      const row = await findRowOfYear(warehouse, model, table, year);
      if (row) wanted.add(row.table, row.key, row.key);
      else beyond.push(`${table.name} ${year}`);
    }
    beyond.push(...daysWithoutYear.map((day) => `${table.name} ${describeDay(day)}`));
  }
  return { ...(await wanted.request(ingestion)), beyond };
}

/** The keys of source rows that the next ingest should read, by table. */
class WantedKeys {
  readonly #tables = new Map<string, KeySetBuilder>();

  add(table: string, first: number, last: number): void {
    const keys = this.#tables.get(table) ?? new KeySetBuilder();
    keys.addRange(first, last);
    this.#tables.set(table, keys);
  }

  /** Files the requests; returns their keys in the lake and how many rows they name. */
  async request(ingestion: Store): Promise<{ requests: string[]; keys: number }> {
    const requests: string[] = [];
    let keys = 0;
    for (const [table, builder] of this.#tables) {
      const set = builder.build();
      const ranges = [...set.ranges()];
      keys += set.count;
      for (let at = 0; at < ranges.length; at += REQUEST_RANGES) {
        const tables = [{ table, keys: ranges.slice(at, at + REQUEST_RANGES) }];
        requests.push(await writeRequest(ingestion, { kind: 'read', reason: 'repair', tables }));
      }
    }
    return { requests, keys };
  }
}

// No fact has an infinite day, so it belongs to no year.
function yearsOf(ranges: readonly (readonly [number, number])[]): { years: number[]; daysWithoutYear: number[] } {
  const years = new Set<number>();
  const daysWithoutYear: number[] = [];
  for (const [first, last] of ranges) {
    for (let day = first; day <= last; day++) {
      const year = yearOf(day);
      if (year === undefined) daysWithoutYear.push(day);
      else years.add(year);
    }
  }
  return { years: [...years], daysWithoutYear };
}

async function findRowOfYear(
  warehouse: Pool,
  model: Model,
  calendar: Calendar,
  year: number,
): Promise<{ table: string; key: number } | undefined> {
  for (const fact of factsOf(model)) {
    const statement = selectRowOfYear(fact, calendar, year);
    if (!statement) continue;
    const [row] = await inTransaction(warehouse, READ_COMMITTED, (sql) => query<KeyRow>(sql, statement));
    if (row) return { table: fact.source, key: Number(row.key) };
  }
  return undefined;
}
