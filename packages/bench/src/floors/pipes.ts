import { copyIn, copyOut, execute, type Sql } from '@totesys/runtime';
import { quoteIdentifier } from '@totesys/schema';
import { columnList, readSourceTables, type SourceTable } from '../source/source-tables.ts';
import { joinChunks } from './join-chunks.ts';
import { pipeWithPsql } from './psql.ts';

/** The schema of the copies; it is dropped afterwards, unless the caller keeps it. */
const SCHEMA = 'floor';

/** The two ends of the pipes: connections for the statements around them, and URLs for psql. */
export interface PipeEnds {
  readonly source: Sql;
  readonly sourceUrl: string;
  readonly target: Sql;
  readonly targetUrl: string;
}

/**
 * Measures the floor of the first load: each table through a pipe of binary COPY into a table with its primary key and
 * nothing else. If psql is installed, it runs the pipe, otherwise this process does. An enum arrives as its label,
 * because the copy does not have the type.
 */
export async function pipeTables(
  ends: PipeEnds,
  { hasPsql, keeps }: { hasPsql: boolean; keeps: boolean },
): Promise<void> {
  const { source, target } = ends;
  const tables = await readSourceTables(source);
  await execute(target, { text: `drop schema if exists ${SCHEMA} cascade` });
  await execute(target, { text: `create schema ${SCHEMA}` });
  for (const table of tables) {
    const name = `${SCHEMA}.${quoteIdentifier(table.name)}`;
    await execute(target, { text: `create table ${name} (${declareColumns(table)})` });
    const [read, write] = [copyTable(table), `copy ${name} from stdin (format binary)`];
    if (hasPsql)
      await pipeWithPsql({ url: ends.sourceUrl, statement: read }, { url: ends.targetUrl, statement: write });
    else await copyIn(target, write, joinChunks(copyOut(source, read)));
  }
  if (!keeps) await execute(target, { text: `drop schema ${SCHEMA} cascade` });
}

/** Returns the statement that copies a table out in binary, with enums as text. */
export function copyTable({ name, columns }: SourceTable): string {
  const selected = columns.map((column) => `${quoteIdentifier(column.name)}${column.isEnum ? '::text' : ''}`);
  return `copy (select ${selected.join(', ')} from public.${quoteIdentifier(name)}) to stdout (format binary)`;
}

function declareColumns(table: SourceTable): string {
  const columns = table.columns.map(({ name, type, isEnum }) => `${quoteIdentifier(name)} ${isEnum ? 'text' : type}`);
  const key = columnList({ columns: table.columns.filter(({ name }) => table.key.includes(name)) });
  return `${columns.join(', ')}, primary key (${key})`;
}
