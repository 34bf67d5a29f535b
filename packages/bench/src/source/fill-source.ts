import type { Sql } from '@totesys/runtime';
import { createTotesysSchema, populate } from '@totesys/sandbox';

/** Each order has a transaction and a payment; five of seven orders are sales. */
const ROWS_OF_AN_ORDER = 3;
const SALES_SHARE = 5 / 7;

/** Creates the tables of totesys and fills them with about `rows` rows in all, always the same ones. */
export async function fillSource(source: Sql, rows: number): Promise<void> {
  await createTotesysSchema(source);
  const orders = Math.max(2, Math.round(rows / ROWS_OF_AN_ORDER));
  const salesOrders = Math.max(1, Math.round(orders * SALES_SHARE));
  await populate(source, { seed: 1, salesOrders, purchaseOrders: orders - salesOrders });
}
