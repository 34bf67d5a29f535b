import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Sql } from '@totesys/runtime';
import { quoteIdentifiers } from '@totesys/schema';
import { TOTESYS_TABLES } from './totesys-schema.ts';

/**
 * Loads a real export, one gzipped CSV with a header for each table, into empty tables; the serials then continue after
 * its keys.
 */
export async function loadSample(sql: Sql, folder: string): Promise<void> {
  for (const table of TOTESYS_TABLES) {
    const file = join(folder, `${table}.csv.gz`);
    const columns = quoteIdentifiers(await readHeader(file));
    const copy = await sql.unsafe(`copy ${table} (${columns}) from stdin (format csv, header true)`).writable();
    await pipeline(createReadStream(file), createGunzip(), copy);
    await sql.unsafe(
      `select setval(pg_get_serial_sequence('${table}', '${table}_id'), (select max(${table}_id) from ${table}))`,
    );
  }
}

async function readHeader(file: string): Promise<string[]> {
  const source = createReadStream(file);
  const text = source.pipe(createGunzip().setEncoding('utf8'));
  // pipe() does not forward errors: without this, a missing file would end the process.
  source.on('error', (error) => text.destroy(error));
  try {
    let header = '';
    for await (const chunk of text) {
      header += chunk;
      const end = header.indexOf('\n');
      if (end >= 0) return header.slice(0, end).trim().split(',');
    }
  } finally {
    source.destroy();
  }
  throw new Error(`${file} has no complete line: expected the names of the columns in the first line.`);
}
