import { until } from '@totesys/sandbox';
import type { Sql } from '../../src/index.ts';

/** A COPY out whose row 500,000 divides by zero. */
export const FAILING_COPY_OUT =
  'copy (select 1/(500000-g) from generate_series(1,1000000) g) to stdout (format binary)';

/** A COPY out that ends in minutes, if nobody stops it: rows come at once, unlike those of a function scan. */
export const ENDLESS_COPY_OUT =
  "copy (with recursive r(n) as (select 1 union all select n + 1 from r) select n, repeat('x', 500) from r) to stdout";

/**
 * A COPY out without end that sleeps between its rows. A session that is ended while its socket is full closes it without a word
 * (Postgres, ProcessClientWriteInterrupt); this one says why.
 */
export const PACED_COPY_OUT = `copy (with recursive r(n) as (select 1 union all select n + 1 from r)
  select n, repeat('x', 500), case when n > 1000 then pg_sleep(0.01) end from r) to stdout`;

/** A thousand lines of text rows for a table (id integer, label text), starting with `first`. */
export function lines(first: number): Uint8Array {
  let text = '';
  for (let id = first; id < first + 1000; id++) text += `${id}\tlabel of ${id}\n`;
  return Buffer.from(text);
}

/** Lines without end: the ids rise. */
export function* endlessLines(): Generator<Uint8Array> {
  for (let first = 0; ; first += 1000) yield lines(first);
}

/** Ends the session of `applicationName` that is in the middle of a COPY in the administrator's database. */
export async function terminateCopy(admin: Sql, applicationName: string): Promise<void> {
  await until('a COPY in progress', async () => {
    const ended = await admin`
      select pg_terminate_backend(pid)
      from pg_stat_progress_copy join pg_stat_activity using (pid)
      where pg_stat_activity.datname = current_database() and application_name = ${applicationName} and bytes_processed > 0`;
    return ended.length > 0;
  });
}
