import type { Statement } from '@totesys/runtime';
import { findSourceTable, type Join, type Model, quoteIdentifier, type SourceTable } from '@totesys/schema';
import { arrayOfKeys } from './side-rows.ts';

/** A row of the source: its key and xmin, and for each join the key and the xmin of the joined row. */
export interface VersionRow {
  readonly key: string;
  readonly xmin: string;
  readonly [joined: `by${number}` | `xmin${number}`]: string | null | undefined;
}

/** Selects key and xmin of the given rows and of the rows that they join to. */
export function selectVersions(
  model: Model,
  origin: SourceTable,
  joins: readonly Join[],
  keys: readonly number[],
): Statement {
  const key = `s.${quoteIdentifier(origin.key)}`;
  const columns = joins.map(({ by }, i) => `s.${quoteIdentifier(by)}::text as by${i}, j${i}.xmin::text as xmin${i}`);
  const tables = joins.map(({ by, table }, i) => {
    const target = findSourceTable(model, table);
    const relation = `public.${quoteIdentifier(target.name)}`;
    return `left join ${relation} j${i} on j${i}.${quoteIdentifier(target.key)} = s.${quoteIdentifier(by)}`;
  });
  return {
    text: `
select ${[`${key}::text as key`, 's.xmin::text as xmin', ...columns].join(', ')}
  from public.${quoteIdentifier(origin.name)} s ${tables.join(' ')} where ${key} = any ($1::bigint[])`,
    parameters: [arrayOfKeys(keys)],
  };
}

/** Selects the source's clock as manifests carry it, so that both compare as texts. */
export const readClock: Statement = {
  text: `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as clock`,
};
