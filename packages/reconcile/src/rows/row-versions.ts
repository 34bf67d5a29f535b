import type { Connection } from '@totesys/runtime';
import {
  type Dimension,
  type Fact,
  findSourceTable,
  joinsOf,
  type Model,
  quoteIdentifier,
  type SourceTable,
} from '@totesys/schema';
import type { CarriedRows, RowXmin } from '@totesys/source';

/** The source rows that a warehouse row comes from, as a snapshot shows them: the row of its key, and those that it joins to. */
export interface RowVersions {
  readonly rows: readonly { readonly table: SourceTable; readonly state: RowXmin }[];
  /** Two versions of the same name are one: no transaction wrote any of the rows in between. */
  readonly name: string;
}

/** Reads which versions of the source's rows stand behind the given keys of a warehouse table, and the source's clock behind the snapshot. */
export async function readRowVersions(
  source: Connection,
  model: Model,
  table: Dimension | Fact,
  rows: readonly { readonly key: number }[],
): Promise<{ versions: Map<number, RowVersions>; clock: string }> {
  const origin = findSourceTable(model, table.source);
  const joins = joinsOf(model).filter((join) => join.source === origin.name && table.kind === 'dimension');
  const joined = joins.map(({ by, table: name }, i) => {
    const target = findSourceTable(model, name);
    const alias = `j${i}`;
    return {
      target,
      columns: `s.${quoteIdentifier(by)}::text as by${i}, ${alias}.xmin::text as shown${i}`,
      join: `left join public.${quoteIdentifier(target.name)} ${alias} on ${alias}.${quoteIdentifier(target.key)} = s.${quoteIdentifier(by)}`,
    };
  });
  const key = `s.${quoteIdentifier(origin.key)}`;
  const keys = rows.map(({ key }) => key);
  const shown = await source.unsafe(
    `select ${[`${key}::text as key`, 's.xmin::text as shown', ...joined.map(({ columns }) => columns)].join(', ')}
       from public.${quoteIdentifier(origin.name)} s ${joined.map(({ join }) => join).join(' ')} where ${key} = any ($1::bigint[])`,
    [`{${keys.join(',')}}`],
  );
  const found = new Map(shown.map((row) => [Number(row.key), row]));
  const [now] = await source.unsafe(readClock);
  const versions = new Map(
    keys.map((key) => {
      const row = found.get(key);
      const states = [{ table: origin, state: { key, xmin: row && Number(row.shown) } }];
      joined.forEach(({ target }, i) => {
        const by = row?.[`by${i}`];
        if (by == null) return;
        const shown = row?.[`shown${i}`];
        states.push({ table: target, state: { key: Number(by), xmin: shown == null ? undefined : Number(shown) } });
      });
      const name = states.map(({ state }) => `${state.key}@${state.xmin ?? 'gone'}`).join(' ');
      return [key, { rows: states, name }];
    }),
  );
  return { versions, clock: now?.clock };
}

// As manifests carry it, so that both compare as texts.
const readClock = `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as clock`;

/** Whether the batches that were read carry all of the rows as they are. */
export function isRead(read: CarriedRows, versions: RowVersions): boolean {
  return versions.rows.every(({ table, state }) => read.has(table, state));
}
