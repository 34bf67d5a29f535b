import { en, Faker } from '@faker-js/faker';
import type { Connection, Sql } from '@totesys/runtime';

/** One thing that happened in a living source. */
export interface LifeStep {
  readonly step: number;
  readonly event: LifeEvent;
}

/** What happens in a source, by name. */
export type LifeEvent = keyof typeof EVENTS;

/** How a source lives: the same seed and the same rows to begin with, the same life. */
export interface Life {
  readonly seed: number;
  readonly steps: number;
}

/** How many steps a transaction that stays open lasts. */
const OPEN_STEPS = 3;

/**
 * Lives: new orders, payments falling due, edits that leave `last_updated` alone, deletes, a department that moves, transactions that stay
 * open for some steps and commit later, rows under savepoints. Gives each step once it has happened; needs three connections.
 */
export async function* live(sql: Sql, { seed, steps }: Life): AsyncGenerator<LifeStep> {
  const faker = new Faker({ locale: en, seed });
  const open: { until: number; commit: () => Promise<void> }[] = [];
  const names = Object.keys(EVENTS) as LifeEvent[];
  try {
    for (let step = 0; step < steps; step++) {
      for (const late of open.filter(({ until }) => until <= step)) await late.commit();
      open.splice(0, open.length, ...open.filter(({ until }) => until > step));
      const event = faker.helpers.arrayElement(names);
      if (event === 'late commit') {
        if (open.length === 0) open.push({ until: step + OPEN_STEPS, commit: await openChange(sql, faker) });
      } else {
        await sql.begin(async (transaction) => {
          await EVENTS[event](transaction, faker);
        });
      }
      yield { step, event };
    }
  } finally {
    for (const late of open) await late.commit();
  }
}

type Happen = (sql: Connection, faker: Faker) => Promise<unknown>;

const EVENTS = {
  'new order': addOrder,
  'payments fall due': (sql) =>
    sql`update payment set paid = true, last_updated = now()
         where payment_id in (select payment_id from payment where not paid order by payment_date, payment_id limit 5)`,
  'unstamped edit': async (sql, faker) =>
    sql`update sales_order set units_sold = ${faker.number.int({ min: 1, max: 99_999 })} where sales_order_id = ${await pickOrder(sql, faker)}`,
  'stamped edit': async (sql, faker) =>
    sql`update sales_order set unit_price = ${faker.number.float({ min: 2, max: 4, fractionDigits: 2 })}, last_updated = now()
         where sales_order_id = ${await pickOrder(sql, faker)}`,
  delete: deleteOrder,
  'department moves': (sql, faker) =>
    sql`update department set location = ${faker.location.city()} where department_id = ${faker.number.int({ min: 1, max: 8 })}`,
  'address changes': (sql, faker) =>
    sql`update address set phone = ${faker.string.numeric(10)} where address_id = ${faker.number.int({ min: 1, max: 30 })}`,
  'row under a savepoint': async (sql, faker) => {
    await sql`savepoint inner_step`;
    await addOrder(sql, faker);
    await sql`release savepoint inner_step`;
  },
  'late commit': async () => {},
} satisfies Record<string, Happen>;

async function addOrder(sql: Connection, faker: Faker): Promise<void> {
  const chosen = (max: number) => faker.number.int({ min: 1, max });
  const payDate = faker.date.between({ from: '2025-01-01', to: '2026-12-01' }).toISOString().slice(0, 10);
  const [order] = await sql`
    insert into sales_order (last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id, agreed_delivery_date,
                             agreed_payment_date, agreed_delivery_location_id)
    values (now(), ${chosen(400)}, ${chosen(20)}, ${chosen(20)}, ${chosen(99_999)}, ${faker.number.float({ min: 2, max: 4, fractionDigits: 2 })},
            ${chosen(3)}, ${payDate}, ${payDate}, ${chosen(30)})
    returning sales_order_id, counterparty_id, units_sold * unit_price as amount, currency_id`;
  const [transaction] = await sql`
    insert into transaction (transaction_type, sales_order_id, last_updated) values ('SALE', ${order!.sales_order_id}, now()) returning transaction_id`;
  await sql`
    insert into payment (last_updated, transaction_id, counterparty_id, payment_amount, currency_id, payment_type_id, paid, payment_date,
                         company_ac_number, counterparty_ac_number)
    values (now(), ${transaction!.transaction_id}, ${order!.counterparty_id}, ${order!.amount}, ${order!.currency_id}, 1, false, ${payDate},
            ${chosen(89_999_999)}, ${chosen(89_999_999)})`;
}

async function deleteOrder(sql: Connection, faker: Faker): Promise<void> {
  const id = await pickOrder(sql, faker);
  await sql`delete from payment where transaction_id in (select transaction_id from transaction where sales_order_id = ${id})`;
  await sql`delete from transaction where sales_order_id = ${id}`;
  await sql`delete from sales_order where sales_order_id = ${id}`;
}

// A row that no other step touches meanwhile: an order that is edited late could otherwise be locked for the rest.
async function openChange(sql: Sql, faker: Faker): Promise<() => Promise<void>> {
  const writer = await sql.reserve();
  await writer`begin`;
  await addOrder(writer, faker);
  return async () => {
    await writer`commit`;
    writer.release();
  };
}

async function pickOrder(sql: Connection, faker: Faker): Promise<number> {
  const [row] = await sql`
    select sales_order_id as id from sales_order
     where sales_order_id >= ${faker.number.int({ min: 1, max: 1_000_000 })} % (select max(sales_order_id) from sales_order)
     order by sales_order_id limit 1`;
  return row!.id;
}
