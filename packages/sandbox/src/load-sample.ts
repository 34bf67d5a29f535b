import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Sql } from '@totesys/runtime';
import { TOTESYS_TABLES } from './totesys-schema.ts';

/** Loads a real export, one gzipped CSV with a header for each table, into empty tables, and lets the serials go on behind it. */
export async function loadSample(sql: Sql, folder: string): Promise<void> {
  for (const table of TOTESYS_TABLES) {
    const file = join(folder, `${table}.csv.gz`);
    const columns = await readHeader(file);
    const names = columns.map((name) => `"${name.replaceAll('"', '""')}"`).join(', ');
    const copy = await sql.unsafe(`copy ${table} (${names}) from stdin (format csv, header true)`).writable();
    await pipeline(createReadStream(file), createGunzip(), copy);
    await sql.unsafe(
      `select setval(pg_get_serial_sequence('${table}', '${table}_id'), (select max(${table}_id) from ${table}))`,
    );
  }
}

async function readHeader(file: string): Promise<string[]> {
  const source = createReadStream(file);
  const lines = createInterface({ input: source.pipe(createGunzip()) });
  try {
    for await (const line of lines) return line.split(',');
  } finally {
    lines.close();
    source.destroy();
  }
  throw new Error(`${file} is empty.`);
}
