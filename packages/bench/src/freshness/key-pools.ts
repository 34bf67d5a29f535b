/** The keys of a table that operations use in turn. */
export interface KeyPool {
  readonly table: string;
  /** Selects the keys in a random order that depends on the seed, `$1`. */
  readonly text: string;
  /** Whether each key is used once, so that no later operation overwrites the mark of an earlier one. */
  readonly isOnce: boolean;
}

/** Sales orders: each is edited or deleted once. */
export const SALES_ORDERS = poolOf('sales_order', { isOnce: true });
/** Purchase orders: each is edited once. */
export const PURCHASE_ORDERS = poolOf('purchase_order', { isOnce: true });
/** Payments of purchase orders, because those of sales orders are deleted together with their orders. */
export const PAYMENTS = poolOf('payment', {
  isOnce: true,
  where: 'transaction_id in (select transaction_id from transaction where purchase_order_id is not null)',
});
/** Designs, of which there are few. */
export const DESIGNS = poolOf('design', { isOnce: false });
/** Addresses, of which there are few. */
export const ADDRESSES = poolOf('address', { isOnce: false });
/** Departments with staff: the warehouse shows a department in the rows of its staff. */
export const DEPARTMENTS = poolOf('department', {
  isOnce: false,
  where: 'department_id in (select department_id from staff)',
});

function poolOf(table: string, { isOnce, where = 'true' }: { isOnce: boolean; where?: string }): KeyPool {
  const key = `${table}_id`;
  const text = `select ${key} as key from ${table} where ${where} order by hashint8extended(${key}, $1), ${key}`;
  return { table, text, isOnce };
}
