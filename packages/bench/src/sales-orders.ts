import type { Sql } from '@totesys/runtime';

/**
 * Fills `sales_order` up to a number of rows in one statement, with references to the simulated rows of the other
 * tables.
 */
export async function growSalesOrders(source: Sql, rows: number): Promise<void> {
  await source`
    with ids as (
      select (select array_agg(design_id) from design) as designs, (select array_agg(staff_id) from staff) as staff,
             (select array_agg(counterparty_id) from counterparty) as counterparties,
             (select array_agg(currency_id) from currency) as currencies,
             (select array_agg(address_id) from address) as addresses,
             (select coalesce(max(sales_order_id), 0) from sales_order) as last)
    insert into sales_order
      (sales_order_id, created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price,
       currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
    select last + n, stamp, stamp, designs[1 + n % cardinality(designs)], staff[1 + n % cardinality(staff)],
           counterparties[1 + n % cardinality(counterparties)], 1000 + n % 98765, (n % 400 + 1)::numeric / 100,
           currencies[1 + n % cardinality(currencies)], (stamp::date + 3)::text, (stamp::date + 5)::text,
           addresses[1 + n % cardinality(addresses)]
      from ids, generate_series(1, greatest(${rows}::int - last, 0)) n,
           lateral (select timestamp(3) '2024-01-01' + n * interval '11.003 s' as stamp) stamps`;
  await source`analyze sales_order`;
}

/** Edits one order in every `oneIn` of the table without a change of `last_updated`; returns their number. */
export async function editSalesOrders(source: Sql, oneIn: number): Promise<number> {
  const { count } =
    await source`update sales_order set units_sold = units_sold + 1 where sales_order_id % ${oneIn}::int = 0`;
  return count;
}
