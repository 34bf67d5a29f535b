import type { Connection } from '@totesys/runtime';
import { BROKEN, KEY, type Statement } from './expected-rows.ts';
import type { KeyedRow } from './merge-rows.ts';

/** A row as texts, in the order of the table's columns. */
export interface TextRow extends KeyedRow {
  readonly isBroken: boolean;
  readonly values: readonly (string | null)[];
}

/** Rows that a cursor brings at a time: a few megabytes. */
const CHUNK_ROWS = 5_000;

/** Reads a statement's rows by a cursor, chunk by chunk, whatever the table's size. */
export async function* readRows(connection: Connection, { text, parameters }: Statement): AsyncGenerator<TextRow[]> {
  for await (const rows of connection.unsafe(text, [...parameters]).cursor(CHUNK_ROWS)) {
    yield rows.map((row) => {
      const { [KEY]: key, [BROKEN]: isBroken, ...values } = row;
      return { key: Number(key), isBroken: isBroken === true, values: Object.values(values) as (string | null)[] };
    });
  }
}
