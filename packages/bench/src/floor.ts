import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyIn, copyOut, execute, type Sql } from '@totesys/runtime';

/** The table for the floor of a load: the source's columns and a key only. */
const FLOOR_TABLE = 'floor_sales_order';

/** Measures the floor of reading the table: COPY in binary, whose output is dropped. */
export async function readToNull(source: Sql): Promise<void> {
  for await (const chunk of copyOut(source, READ)) if (chunk.length < 0) throw new Error('unreachable');
}

/** Measures the floor of finding changes: one scan of every row version. */
export async function scan(source: Sql): Promise<void> {
  await execute(source, { text: 'select count(xmin) from public.sales_order' });
}

/** Writes the output of COPY to a file, so that the floor of the load does not wait for a source. */
export async function spool(source: Sql, file: string): Promise<void> {
  const out = createWriteStream(file);
  for await (const chunk of copyOut(source, READ)) if (!out.write(chunk)) await once(out, 'drain');
  out.end();
  await once(out, 'close');
}

/** Measures the floor of loading the rows: COPY in binary into a table with a key. */
export async function writeFromSpool(warehouse: Sql, file: string): Promise<void> {
  await execute(warehouse, { text: `drop table if exists ${FLOOR_TABLE}` });
  await execute(warehouse, { text: CREATE });
  await copyIn(
    warehouse,
    `copy ${FLOOR_TABLE} from stdin (format binary)`,
    createReadStream(file, { highWaterMark: 1 << 18 }),
  );
  await execute(warehouse, { text: `drop table ${FLOOR_TABLE}` });
}

const CREATE = `
  create table ${FLOOR_TABLE} (
    sales_order_id integer primary key, created_at timestamp(3), last_updated timestamp(3), design_id integer,
    staff_id integer, counterparty_id integer, units_sold integer, unit_price numeric(10,2), currency_id integer,
    agreed_delivery_date text, agreed_payment_date text, agreed_delivery_location_id integer)`;

const READ = `copy (
  select sales_order_id, created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price,
         currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id
    from public.sales_order) to stdout (format binary)`;
