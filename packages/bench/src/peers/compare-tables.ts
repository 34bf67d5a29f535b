import { execute, type Sql } from '@totesys/runtime';
import type { SourceTable } from '../source/source-tables.ts';
import { readColumnChecksums, readFingerprint } from './fingerprint.ts';
import { readTargetTables, type TargetTables } from './target-tables.ts';

/** What a comparison with the source found. */
export interface Findings {
  /** Rows, columns or values that differ from the source; empty if everything arrived. */
  readonly faults: readonly string[];
  /** What else a reader should know: other types, missing keys. */
  readonly notes: readonly string[];
}

/** Types that hold the same texts. */
const SAME_TYPES = new Map([['character varying', 'text']]);

/**
 * Compares the tables of a target schema with the source: rows, values in the source's types, types and keys. Both
 * databases must be at rest.
 */
export async function compareTables(
  source: Sql,
  target: Sql,
  schema: string,
  tables: readonly SourceTable[],
): Promise<Findings> {
  const names = tables.map(({ name }) => name);
  const arrived = await readTargetTables(target, schema, names);
  const expected = await readTargetTables(source, 'public', names);
  const faults: string[] = [];
  for (const table of tables) faults.push(...(await compareTable(source, target, schema, table, arrived)));
  return { faults, notes: [...compareTypes(tables, arrived), ...compareKeys(expected, arrived)] };
}

/** Returns the findings as one text. */
export function describeFindings({ faults, notes }: Findings): string {
  const verdict = faults.length === 0 ? 'all rows and values' : `WRONG: ${faults.join('; ')}`;
  return [verdict, ...notes].join('; ');
}

async function compareTable(
  source: Sql,
  target: Sql,
  schema: string,
  table: SourceTable,
  arrived: TargetTables,
): Promise<string[]> {
  const columns = arrived.types.get(table.name);
  if (!columns) return [`table ${table.name} is missing`];
  const lost = table.columns.filter(({ name }) => !columns.has(name)).map(({ name }) => `${table.name}.${name}`);
  if (lost.length > 0) return [`columns are missing: ${lost.join(', ')}`];
  try {
    // A timestamp that became one with a zone is compared in UTC.
    const inUtc = <T>(sql: Sql, work: (sql: Parameters<typeof readFingerprint>[0]) => Promise<T>) =>
      sql.begin(async (transaction) => {
        await execute(transaction, { text: `set local time zone 'UTC'` });
        return work(transaction);
      }) as Promise<T>;
    const expected = await inUtc(source, (sql) => readFingerprint(sql, 'public', table));
    const got = await inUtc(target, (sql) => readFingerprint(sql, schema, table));
    if (got.rows !== expected.rows) return [`${table.name}: expected ${expected.rows} rows, got ${got.rows}`];
    if (got.checksum === expected.checksum) return [];
    const expectedSums = await inUtc(source, (sql) => readColumnChecksums(sql, 'public', table));
    const gotSums = await inUtc(target, (sql) => readColumnChecksums(sql, schema, table));
    const changed = table.columns.filter((_, at) => expectedSums[at] !== gotSums[at]).map(({ name }) => name);
    return [`${table.name}: other values in ${changed.join(', ')}`];
  } catch (error) {
    return [`${table.name} cannot be compared: ${(error as Error).message}`];
  }
}

function compareTypes(tables: readonly SourceTable[], { types }: TargetTables): string[] {
  const changes = new Map<string, number>();
  for (const table of tables) {
    for (const { name, type, isEnum } of table.columns) {
      const got = types.get(table.name)?.get(name);
      if (got === undefined || plain(got) === plain(type)) continue;
      const change = `${isEnum ? 'enum' : type} → ${got}`;
      changes.set(change, (changes.get(change) ?? 0) + 1);
    }
  }
  if (changes.size === 0) return [];
  return [`other types: ${[...changes].map(([change, columns]) => `${change} (${columns})`).join(', ')}`];
}

const plain = (type: string) => SAME_TYPES.get(type) ?? type;

function compareKeys(expected: TargetTables, got: TargetTables): string[] {
  const lost = (name: string, of: (tables: TargetTables) => number) =>
    of(got) < of(expected) ? [`${name}: ${of(got)} of ${of(expected)}`] : [];
  return [
    ...lost('primary keys', ({ primaryKeys }) => primaryKeys),
    ...lost('foreign keys', ({ foreignKeys }) => foreignKeys),
  ];
}
