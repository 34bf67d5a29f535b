import type { Model } from '../model.ts';
import { publishedTables } from '../published-tables.ts';
import { engineViews } from './engine-views.ts';

/** What a script has in place of the folder or URL of the published tables. */
export const ICEBERG_PLACE = '{iceberg}';

/** How an engine declares tables and views. */
interface Dialect {
  readonly title: string;
  /** What the reader of the script needs to know. */
  readonly about: readonly string[];
  readonly quote: (name: string) => string;
  /** Returns the statement that makes a published table known, where no catalogue does. */
  readonly table?: (name: string) => string;
  /** Returns the statement that creates a view, up to its query. */
  readonly view: (name: string) => string;
}

const doubleQuotes = (name: string) => `"${name}"`;
const backticks = (name: string) => `\`${name}\``;
const place = (name: string) => `'${ICEBERG_PLACE}/${name}'`;
const inPlace = `Replace ${ICEBERG_PLACE} by the folder or the URL of the tables.`;

/** The engines for which scripts are generated, by the name of the script. */
export const ENGINES = {
  athena: {
    title: 'Athena and Trino',
    about: ['Run the statements in the database of the tables, one after another.'],
    quote: doubleQuotes,
    view: (name) => `create or replace view ${name} as`,
  },
  clickhouse: {
    title: 'ClickHouse',
    about: [inPlace, 'For tables in S3 write icebergS3 in place of icebergLocal.'],
    quote: doubleQuotes,
    table: (name) => `create or replace view ${name} as select * from icebergLocal(${place(name)})`,
    view: (name) => `create or replace view ${name} as`,
  },
  duckdb: {
    title: 'DuckDB, after `load iceberg`',
    about: [inPlace],
    quote: doubleQuotes,
    table: (name) => `create or replace view ${name} as select * from iceberg_scan(${place(name)})`,
    view: (name) => `create or replace view ${name} as`,
  },
  spark: {
    title: 'Spark',
    about: ['Run it in each session, after `use` of the catalogue and the namespace of the tables.'],
    quote: backticks,
    view: (name) => `create or replace temporary view ${name} as`,
  },
} as const satisfies Record<string, Dialect>;

/** An engine with a script. */
export type EngineName = keyof typeof ENGINES;

/** Returns the script that creates the views of a model in an engine, as statements without semicolons. */
export function engineStatements(model: Model, engine: EngineName): readonly string[] {
  const { quote, view, table }: Dialect = ENGINES[engine];
  const tables = table ? publishedTables(model).map(({ name }) => table(name)) : [];
  const views = engineViews(model, quote).map(({ name, about, query }) => `-- ${about}\n${view(name)}\n${query}`);
  return [...tables, ...views];
}

/** Returns the script as a file. */
export function renderEngineScript(model: Model, engine: EngineName): string {
  const { title, about }: Dialect = ENGINES[engine];
  const head = [`Views over the published tables for ${title}. \`make docs\` writes this file.`, ...about];
  const comments = head.map((line) => `-- ${line}\n`).join('');
  return `${comments}\n${engineStatements(model, engine).join(';\n\n')};\n`;
}
