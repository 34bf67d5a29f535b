import type { Connection } from '@totesys/runtime';
import { type Dimension, type Fact, findSourceTable, type Model, quoteIdentifier } from '@totesys/schema';
import { aroundUnreadableKeys } from '@totesys/source';

/** The names of currency codes: two lists of equal length. */
export interface CurrencyNames {
  readonly codes: readonly string[];
  readonly names: readonly string[];
}

/** Reads the codes that a table names and gives their ISO 4217 names, which no database knows. */
export async function readCurrencyNames(
  source: Connection,
  model: Model,
  table: Dimension | Fact,
): Promise<CurrencyNames> {
  const codes = new Set<string>();
  const origin = findSourceTable(model, table.source);
  for (const { derivation } of table.columns) {
    if (derivation.kind !== 'currencyName') continue;
    const column = quoteIdentifier(derivation.column);
    const rows = await aroundUnreadableKeys(source, origin, (without) =>
      source.unsafe(
        `select distinct ${column}::text collate "C" as code from public.${quoteIdentifier(origin.name)}
          where case when ${quoteIdentifier(origin.key)} = any ($1::bigint[]) then false else ${column} is not null end`,
        [`{${without.join(',')}}`],
      ),
    );
    for (const { code } of rows) codes.add(code);
  }
  return { codes: [...codes], names: [...codes].map(nameOf) };
}

const displayNames = new Intl.DisplayNames(['en'], { type: 'currency', fallback: 'none' });

function nameOf(code: string): string {
  return /^[A-Za-z]{3}$/.test(code) ? (displayNames.of(code) ?? code) : code;
}
