import { execute, type Sql } from '@totesys/runtime';

/** The number of changes by kind; each kind is a transaction of its own. */
export interface Changes {
  readonly stampedEdits: number;
  readonly unstampedEdits: number;
  readonly orders: number;
  readonly deletedOrders: number;
}

/** The steps between the keys of a round, primes so that rounds choose different rows. */
const ROUND_STEP = 7_919;
const KEY_STEP = 104_729;

/** Divides `count` changes: four in ten are edits, three unstamped edits, two new orders and one deleted orders. */
export function mixedChanges(count: number): Changes {
  const unstampedEdits = Math.floor(count * 0.3);
  const orders = Math.floor(count * 0.2);
  const deletedOrders = Math.floor(count * 0.1);
  return { stampedEdits: count - unstampedEdits - orders - deletedOrders, unstampedEdits, orders, deletedOrders };
}

/**
 * Makes `count` mixed changes of sales orders; `round` varies the rows. A new or deleted order is three rows: the
 * order, its transaction and its payment. Returns the number of rows that changed.
 */
export async function makeChanges(source: Sql, count: number, round: number): Promise<number> {
  const changes = mixedChanges(count);
  const kinds: readonly (readonly [string, number])[] = [
    [STAMPED_EDITS, changes.stampedEdits],
    [UNSTAMPED_EDITS, changes.unstampedEdits],
    [INSERT_ORDERS, changes.orders],
    [DELETE_ORDERS, changes.deletedOrders],
  ];
  let rows = 0;
  for (const [kind, [statement, wanted]] of kinds.entries()) {
    const parameters = [wanted, round * ROUND_STEP + kind * count, KEY_STEP];
    rows += await source.begin(async (transaction) => {
      await execute(transaction, { text: CHOOSE, parameters });
      let changed = 0;
      for (const text of statement.split(';')) changed += await execute(transaction, { text });
      return changed;
    });
  }
  return rows;
}

// If an earlier round deleted the order with a key, the next order is used.
const CHOOSE = `
  create temporary table chosen on commit drop as
  select distinct (select o.sales_order_id from sales_order o where o.sales_order_id >= wanted.id
                    order by o.sales_order_id limit 1) as id
    from (select max(sales_order_id) as last from sales_order) o, generate_series(1, $1::int) n,
         lateral (select 1 + (($2::bigint + n) * $3::bigint) % greatest(o.last - 1, 1) as id) wanted
`;

const STAMPED_EDITS = `
  update sales_order set unit_price = unit_price + 0.01, last_updated = now()
   where sales_order_id in (select id from chosen)`;

const UNSTAMPED_EDITS = `
  update sales_order set units_sold = units_sold + 1 where sales_order_id in (select id from chosen)`;

const INSERT_ORDERS = `
  insert into sales_order (created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price,
                           currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
  select now(), now(), design_id, staff_id, counterparty_id, units_sold, unit_price, currency_id,
         agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id
    from sales_order where sales_order_id in (select id from chosen);
  insert into transaction (transaction_type, sales_order_id, created_at, last_updated)
  select 'SALE', sales_order_id, now(), now() from sales_order where created_at = now()::timestamp(3);
  insert into payment (created_at, last_updated, transaction_id, counterparty_id, payment_amount, currency_id,
                       payment_type_id, paid, payment_date, company_ac_number, counterparty_ac_number)
  select now(), now(), t.transaction_id, o.counterparty_id, o.units_sold * o.unit_price, o.currency_id, 1, false,
         o.agreed_payment_date, 10000000, 10000001
    from transaction t join sales_order o using (sales_order_id) where t.created_at = now()::timestamp(3)`;

const DELETE_ORDERS = `
  delete from payment where transaction_id in
    (select transaction_id from transaction where sales_order_id in (select id from chosen));
  delete from transaction where sales_order_id in (select id from chosen);
  delete from sales_order where sales_order_id in (select id from chosen)`;
