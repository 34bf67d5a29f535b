import { type Connection, query, type Statement } from '@totesys/runtime';
import {
  type Dimension,
  type Fact,
  findSourceTable,
  type Model,
  quoteIdentifier,
  type SourceTable,
} from '@totesys/schema';
import { aroundUnreadableKeys } from '@totesys/source';
import type { CurrencyNames } from '../sql/expected-rows.ts';
import { arrayOfKeys } from '../sql/side-rows.ts';

interface CodeRow {
  readonly code: string;
}

/** Reads the currency codes of a table and returns their ISO 4217 names, which no database knows. */
export async function readCurrencyNames(
  source: Connection,
  model: Model,
  table: Dimension | Fact,
): Promise<CurrencyNames> {
  const codes = new Set<string>();
  const origin = findSourceTable(model, table.source);
  for (const { derivation } of table.columns) {
    if (derivation.kind !== 'currencyName') continue;
    const rows = await aroundUnreadableKeys(source, origin, (without) =>
      query<CodeRow>(source, selectCodes(origin, derivation.column, without)),
    );
    for (const { code } of rows) codes.add(code);
  }
  return { codes: [...codes], names: [...codes].map(nameOf) };
}

function selectCodes(origin: SourceTable, name: string, without: readonly number[]): Statement {
  const column = quoteIdentifier(name);
  return {
    text: `
select distinct ${column}::text collate "C" as code
  from public.${quoteIdentifier(origin.name)}
 where case when ${quoteIdentifier(origin.key)} = any ($1::bigint[]) then false else ${column} is not null end`,
    parameters: [arrayOfKeys(without)],
  };
}

const displayNames = new Intl.DisplayNames(['en'], { type: 'currency', fallback: 'none' });

function nameOf(code: string): string {
  return /^[A-Za-z]{3}$/.test(code) ? (displayNames.of(code) ?? code) : code;
}
