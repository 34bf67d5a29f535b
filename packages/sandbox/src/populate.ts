import type { Sql } from '@totesys/runtime';
import { populateReferenceData, REFERENCE_ROWS } from './reference-data.ts';

/** The seed and the size of a simulated source. */
export interface Population {
  readonly seed: number;
  readonly salesOrders: number;
  readonly purchaseOrders: number;
}

/** The first order, and the days over which all of them spread. */
const FIRST_ORDER = '2022-11-03 14:20:52.186';
const DAYS = 660;

/**
 * Fills an empty totesys with orders, each with its transaction and its payment, written together and stamped to the
 * millisecond; payments that have fallen due were all paid at the same time of the day on which they were due. The
 * server generates the rows with one statement for each table, so any size fits in memory. The same seed makes the same
 * rows.
 */
export async function populate(sql: Sql, population: Population): Promise<void> {
  const { seed, salesOrders, purchaseOrders } = population;
  await populateReferenceData(sql, seed);
  await sql.begin(async (transaction) => {
    // The references are correct by construction: this switches the checks of foreign keys off, which take long for
    // millions of rows.
    await transaction.unsafe('set local session_replication_role = replica');
    await transaction.unsafe(insertSalesOrders(seed), [salesOrders]);
    await transaction.unsafe(insertPurchaseOrders(seed), [purchaseOrders]);
    await transaction.unsafe(INSERT_TRANSACTIONS);
    await transaction.unsafe(insertPayments(seed));
    for (const table of ['sales_order', 'purchase_order', 'transaction', 'payment']) {
      await transaction.unsafe(
        `select setval(pg_get_serial_sequence('${table}', '${table}_id'), greatest(1, (select max(${table}_id) ` +
          `from ${table})))`,
      );
    }
  });
  await sql.unsafe('analyze');
}

// A whole number from 0 up to (not including) `limit`, which depends only on the row's number, the seed and the
// purpose.
function random(seed: number, purpose: number, limit: number, row = 'g'): string {
  const salt = Math.trunc(seed) * 1_000 + purpose;
  return `((hashint8extended(${row}, ${salt}) & 2147483647) % ${limit})::int`;
}

// Rising, unevenly spaced moments: orders come one after another, some in the same millisecond.
function moment(count: string, seed: number, purpose: number): string {
  const step = `(${DAYS} * 86400000.0 / greatest(${count}, 1))`;
  const jitter = `${random(seed, purpose, 1000)} / 1000.0 * ${step}`;
  return `timestamp '${FIRST_ORDER}' + floor((g - 1) * ${step} + ${jitter}) * interval '1 millisecond'`;
}

function insertSalesOrders(seed: number): string {
  return `
    insert into sales_order (sales_order_id, created_at, last_updated, design_id, staff_id, counterparty_id,
      units_sold, unit_price,
                             currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
    select g, at, at, 1 + ${random(seed, 1, REFERENCE_ROWS.designs)}, 1 + ${random(seed, 2, REFERENCE_ROWS.staff)},
           1 + ${random(seed, 3, REFERENCE_ROWS.counterparties)}, 1000 + ${random(seed, 4, 99_000)},
           2 + ${random(seed, 5, 200)} / 100.0, 1 + ${random(seed, 6, 3)},
           to_char(at + (1 + ${random(seed, 7, 6)}) * interval '1 day', 'YYYY-MM-DD'),
           to_char(at + (1 + ${random(seed, 8, 5)}) * interval '1 day', 'YYYY-MM-DD'),
           1 + ${random(seed, 9, REFERENCE_ROWS.addresses)}
      from generate_series(1, $1::int) g, lateral (select ${moment('$1::int', seed, 10)} as at) stamp`;
}

function insertPurchaseOrders(seed: number): string {
  return `
    insert into purchase_order (purchase_order_id, created_at, last_updated, staff_id, counterparty_id, item_code,
      item_quantity, item_unit_price,
                                currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
    select g, at, at, 1 + ${random(seed, 11, REFERENCE_ROWS.staff)}, 1 +
      ${random(seed, 12, REFERENCE_ROWS.counterparties)},
           upper(left(translate(md5((g + ${Math.trunc(seed)})::text), '0123456789', 'ghijklmnop'), 7)),
             1 + ${random(seed, 13, 999)},
           1 + ${random(seed, 14, 99_900)} / 100.0, 1 + ${random(seed, 15, 3)},
           to_char(at + (1 + ${random(seed, 16, 6)}) * interval '1 day', 'YYYY-MM-DD'),
           to_char(at + (1 + ${random(seed, 17, 5)}) * interval '1 day', 'YYYY-MM-DD'),
           1 + ${random(seed, 18, REFERENCE_ROWS.addresses)}
      from generate_series(1, $1::int) g, lateral (select ${moment('$1::int', seed, 19)} as at) stamp`;
}

const INSERT_TRANSACTIONS = `
    insert into transaction (transaction_id, transaction_type, sales_order_id, purchase_order_id, created_at,
      last_updated)
    select row_number() over (order by created_at, kind, id), kind::"TransactionType",
      case kind when 'SALE' then id end,
           case kind when 'PURCHASE' then id end, created_at, created_at
      from (select sales_order_id as id, 'SALE' as kind, created_at from sales_order
            union all select purchase_order_id, 'PURCHASE', created_at from purchase_order) orders`;

function insertPayments(seed: number): string {
  const isPaid = `o.agreed_payment_date <= (select to_char(max(created_at), 'YYYY-MM-DD') from transaction)`;
  const isRefund = `${random(seed, 20, 100, 't.transaction_id')} < 3`;
  return `
    insert into payment (payment_id, created_at, last_updated, transaction_id, counterparty_id, payment_amount,
      currency_id, payment_type_id,
                         paid, payment_date, company_ac_number, counterparty_ac_number)
    select t.transaction_id, t.created_at,
           case when ${isPaid} then greatest(t.created_at, o.agreed_payment_date::timestamp + interval
             '7 hours 55 minutes 11.885 seconds')
                else t.created_at end,
           t.transaction_id, o.counterparty_id, o.amount, o.currency_id,
             o.kind + case when ${isRefund} then 1 else 0 end, ${isPaid},
           o.agreed_payment_date, 10000000 + ${random(seed, 21, 89_999_999, 't.transaction_id')},
           10000000 + ${random(seed, 22, 89_999_999, 't.transaction_id')}
      from transaction t
      join (select sales_order_id as id, 'SALE'::"TransactionType" as type, counterparty_id,
        units_sold * unit_price as amount, currency_id, 1 as kind,
                   agreed_payment_date from sales_order
            union all select purchase_order_id, 'PURCHASE', counterparty_id, item_quantity * item_unit_price,
              currency_id, 3,
                   agreed_payment_date from purchase_order) o
        on t.transaction_type = o.type and coalesce(t.sales_order_id, t.purchase_order_id) = o.id`;
}
