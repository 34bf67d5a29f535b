import { en, Faker } from '@faker-js/faker';
import type { Connection, Sql } from '@totesys/runtime';
import { holdOpen } from './hold-open.ts';

/** The rows of a change by table and key, with their new values; undefined for deleted rows. */
export interface Change {
  readonly table: string;
  readonly keys: readonly number[];
  readonly values: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** A change in a transaction that is still open: no other session sees it before `commit`. */
export interface OpenChange extends Change {
  commit(): Promise<void>;
}

/** Returns a faker; the same seed makes the same choices. */
const seeded = (seed = 1) => new Faker({ locale: en, seed });

/** Edits a sales order and leaves its `last_updated` as it is. */
export async function unstampedEdit(sql: Connection, faker = seeded()): Promise<Change> {
  const id = await pickOrder(sql, faker);
  const [row] = await sql`
    update sales_order set units_sold = units_sold + ${faker.number.int({ min: 1, max: 999 })}
     where sales_order_id = ${id} returning units_sold`;
  return { table: 'sales_order', keys: [id], values: { units_sold: row!.units_sold } };
}

/** Edits the price of a sales order and sets `last_updated`, as the application does. */
export async function stampedEdit(sql: Connection, faker = seeded()): Promise<Change> {
  const id = await pickOrder(sql, faker);
  const price = faker.number.int({ min: 200, max: 400 }) / 100;
  await sql`update sales_order set unit_price = ${price}, last_updated = now() where sales_order_id = ${id}`;
  return { table: 'sales_order', keys: [id], values: { unit_price: price.toFixed(2) } };
}

/**
 * Writes a sales order with its transaction and its payment; the stamps of all three are the start of the database
 * transaction.
 */
export async function addOrder(sql: Connection, faker = seeded()): Promise<Change> {
  const upTo = (max: number) => faker.number.int({ min: 1, max });
  const dueDate = faker.date.between({ from: '2025-01-01', to: '2026-12-01' }).toISOString().slice(0, 10);
  const [order] = await sql`
    insert into sales_order (created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price,
      currency_id,
                             agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
    values (now(), now(), ${upTo(400)}, ${upTo(20)}, ${upTo(20)}, ${upTo(99_999)}, ${(199 + upTo(200)) / 100},
      ${upTo(3)}, ${dueDate}, ${dueDate},
            ${upTo(30)})
    returning sales_order_id as id, units_sold, counterparty_id, units_sold * unit_price as amount, currency_id`;
  const [transaction] = await sql`
    insert into transaction (transaction_type, sales_order_id, created_at, last_updated) values ('SALE',
      ${order!.id}, now(), now())
    returning transaction_id as id`;
  await sql`
    insert into payment (created_at, last_updated, transaction_id, counterparty_id, payment_amount, currency_id,
      payment_type_id, paid,
                         payment_date, company_ac_number, counterparty_ac_number)
    values (now(), now(), ${transaction!.id}, ${order!.counterparty_id}, ${order!.amount}, ${order!.currency_id}, 1,
      false, ${dueDate},
            ${upTo(89_999_999)}, ${upTo(89_999_999)})`;
  return { table: 'sales_order', keys: [order!.id], values: { units_sold: order!.units_sold } };
}

/**
 * Writes an order under a savepoint: its rows carry the id of a sub-transaction. The caller must be in a transaction.
 */
export async function rowUnderSavepoint(sql: Connection, faker = seeded()): Promise<Change> {
  await sql`savepoint inner_step`;
  const change = await addOrder(sql, faker);
  await sql`release savepoint inner_step`;
  return change;
}

/** Pays the five payments with the earliest dates, in one statement. */
export async function payDuePayments(sql: Connection): Promise<Change> {
  const rows = await sql`
    update payment set paid = true, last_updated = now()
     where payment_id in (select payment_id from payment where not paid order by payment_date, payment_id limit 5)
    returning payment_id as id`;
  return { table: 'payment', keys: rows.map(({ id }) => id).sort((a, b) => a - b), values: { paid: true } };
}

/** Deletes a sales order with its transaction and its payment. */
export async function deleteOrder(sql: Connection, faker = seeded()): Promise<Change> {
  const id = await pickOrder(sql, faker);
  await sql`
    delete from payment
     where transaction_id in (select transaction_id from transaction where sales_order_id = ${id})`;
  await sql`delete from transaction where sales_order_id = ${id}`;
  await sql`delete from sales_order where sales_order_id = ${id}`;
  return { table: 'sales_order', keys: [id], values: undefined };
}

/** Moves a department to another city; neither its `last_updated` nor any row of its staff changes. */
export async function moveDepartment(sql: Connection, faker = seeded()): Promise<Change> {
  const id = faker.number.int({ min: 1, max: 8 });
  const location = faker.location.city();
  await sql`update department set location = ${location} where department_id = ${id}`;
  return { table: 'department', keys: [id], values: { location } };
}

/** Changes the telephone number of an address and leaves its `last_updated` as it is. */
export async function changePhone(sql: Connection, faker = seeded()): Promise<Change> {
  const id = faker.number.int({ min: 1, max: 30 });
  const phone = faker.string.numeric(10);
  await sql`update address set phone = ${phone} where address_id = ${id}`;
  return { table: 'address', keys: [id], values: { phone } };
}

/** Writes an order in a transaction of its own connection, which stays open until `commit`. */
export async function lateCommit(sql: Sql, faker = seeded()): Promise<OpenChange> {
  // It writes a new row: an edit of an existing one would lock that row for other changes.
  const { result: change, commit } = await holdOpen(sql, (writer) => addOrder(writer, faker));
  return { ...change, commit };
}

async function pickOrder(sql: Connection, faker: Faker): Promise<number> {
  const [row] = await sql`
    select sales_order_id as id from sales_order
     where sales_order_id >= ${faker.number.int({ min: 1, max: 1_000_000 })} % (select max(sales_order_id) from
       sales_order)
     order by sales_order_id limit 1`;
  if (!row)
    throw new Error('Table sales_order is empty: expected an order to change, got none. Populate the source first.');
  return row.id;
}
