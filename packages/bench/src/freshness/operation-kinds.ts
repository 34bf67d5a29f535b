import { ADDRESSES, DEPARTMENTS, DESIGNS, type KeyPool, PAYMENTS, PURCHASE_ORDERS, SALES_ORDERS } from './key-pools.ts';

/** A kind of operation: one statement, and so one transaction, of the source. */
export interface OperationKind {
  readonly name: string;
  /** How many of 100 operations are of this kind. */
  readonly share: number;
  readonly keys: KeyPool;
  /** The number of rows that it writes or deletes. */
  readonly rows: number;
  /** Whether the application sets `last_updated`. */
  readonly isStamped: boolean;
  readonly isDelete: boolean;
  /** The statement; `$1` is the mark and `$2` the key. It returns the id of its transaction. */
  readonly text: string;
}

/** The lowest mark: higher than every number in the rows of a source. */
export const FIRST_MARK = 10_000_000;

const RETURNING = 'returning pg_current_xact_id()::text as transaction';

interface Edit {
  readonly of: string;
  readonly share: number;
  readonly keys: KeyPool;
  readonly set: string;
}

const stamped = ({ of, share, keys, set }: Edit) => edit(`edited ${of}`, share, keys, `${set}, last_updated = now()`);
const unstamped = ({ of, share, keys, set }: Edit) => ({
  ...edit(`${of} edited without a stamp`, share, keys, set),
  isStamped: false,
});

function edit(name: string, share: number, keys: KeyPool, set: string): OperationKind {
  const text = `update ${keys.table} set ${set} where ${keys.table}_id = $2::int ${RETURNING}`;
  return { name, share, keys, rows: 1, isStamped: true, isDelete: false, text };
}

/** The kind that inserts an order; its mark arrives with every tool that finds new rows. */
export const NEW_ORDER: OperationKind = {
  name: 'new sales order',
  share: 20,
  keys: DESIGNS,
  rows: 3,
  isStamped: true,
  isDelete: false,
  text: `
    with o as (
      insert into sales_order (created_at, last_updated, design_id, staff_id, counterparty_id, units_sold, unit_price,
                               currency_id, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id)
      values (now(), now(), $2::int, 1 + $1::int % 20, 1 + $1 % 20, $1, 2.50,
              1 + $1 % 3, '2026-01-31', '2026-01-31', 1 + $1 % 30)
      returning sales_order_id, counterparty_id, currency_id
    ), t as (
      insert into transaction (transaction_type, sales_order_id, created_at, last_updated)
      select 'SALE', sales_order_id, now(), now() from o returning transaction_id
    )
    insert into payment (created_at, last_updated, transaction_id, counterparty_id, payment_amount, currency_id,
                         payment_type_id, paid, payment_date, company_ac_number, counterparty_ac_number)
    select now(), now(), transaction_id, counterparty_id, 10, currency_id, 1, false, '2026-01-31', 10000000, 10000001
      from o, t ${RETURNING}`,
};

const DELETED_ORDER: OperationKind = {
  name: 'deleted sales order',
  share: 8,
  keys: SALES_ORDERS,
  rows: 3,
  isStamped: false,
  isDelete: true,
  text: `
    with p as (
      delete from payment where transaction_id in (select transaction_id from transaction where sales_order_id = $2)
    ), t as (
      delete from transaction where sales_order_id = $2
    )
    delete from sales_order where sales_order_id = $2::int and $1::int > 0 ${RETURNING}`,
};

/** The kinds of operations; their shares add up to 100. */
export const OPERATION_KINDS: readonly OperationKind[] = [
  stamped({ of: 'sales order', share: 20, keys: SALES_ORDERS, set: 'units_sold = $1::int' }),
  unstamped({ of: 'sales order', share: 15, keys: SALES_ORDERS, set: 'units_sold = $1::int' }),
  stamped({ of: 'purchase order', share: 10, keys: PURCHASE_ORDERS, set: 'item_quantity = $1::int' }),
  unstamped({ of: 'purchase order', share: 10, keys: PURCHASE_ORDERS, set: 'item_quantity = $1::int' }),
  stamped({ of: 'payment', share: 12, keys: PAYMENTS, set: 'paid = true, payment_amount = $1::int' }),
  stamped({ of: 'design', share: 2, keys: DESIGNS, set: "design_name = 'mark ' || $1::int" }),
  unstamped({ of: 'address', share: 2, keys: ADDRESSES, set: "phone = 'mark ' || $1::int" }),
  unstamped({ of: 'department', share: 1, keys: DEPARTMENTS, set: "location = 'mark ' || $1::int" }),
  NEW_ORDER,
  DELETED_ORDER,
];
