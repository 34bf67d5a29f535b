/**
 * The field id of each column of the published tables, by table. An Iceberg table knows a column by its id, so an id is
 * never changed and never used again: a renamed column keeps it, a new column gets the next one of its table, and the
 * id of a removed column moves to RETIRED_FIELD_IDS. A test compares them with the model.
 */
export type FieldIds = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** The field ids of totesys. */
export const totesysFieldIds: FieldIds = {
  dim_date: {
    batch: 1,
    date_id: 2,
    year: 3,
    month: 4,
    day: 5,
    day_of_week: 6,
    day_name: 7,
    month_name: 8,
    quarter: 9,
  },
  dim_staff: {
    batch: 1,
    staff_id: 2,
    first_name: 3,
    last_name: 4,
    department_name: 5,
    location: 6,
    email_address: 7,
  },
  dim_location: {
    batch: 1,
    location_id: 2,
    address_line_1: 3,
    address_line_2: 4,
    district: 5,
    city: 6,
    postal_code: 7,
    country: 8,
    phone: 9,
  },
  dim_currency: {
    batch: 1,
    currency_id: 2,
    currency_code: 3,
    currency_name: 4,
  },
  dim_design: {
    batch: 1,
    design_id: 2,
    design_name: 3,
    file_location: 4,
    file_name: 5,
  },
  dim_counterparty: {
    batch: 1,
    counterparty_id: 2,
    counterparty_legal_name: 3,
    counterparty_legal_address_line_1: 4,
    counterparty_legal_address_line_2: 5,
    counterparty_legal_district: 6,
    counterparty_legal_city: 7,
    counterparty_legal_postal_code: 8,
    counterparty_legal_country: 9,
    counterparty_legal_phone_number: 10,
  },
  dim_transaction: {
    batch: 1,
    transaction_id: 2,
    transaction_type: 3,
    sales_order_id: 4,
    purchase_order_id: 5,
  },
  dim_payment_type: {
    batch: 1,
    payment_type_id: 2,
    payment_type_name: 3,
  },
  fact_sales_order: {
    batch: 1,
    sales_order_id: 2,
    created_date: 3,
    created_at: 4,
    last_updated_date: 5,
    last_updated_at: 6,
    sales_staff_id: 7,
    counterparty_id: 8,
    units_sold: 9,
    unit_price: 10,
    currency_id: 11,
    design_id: 12,
    agreed_payment_date: 13,
    agreed_delivery_date: 14,
    agreed_delivery_location_id: 15,
  },
  fact_purchase_orders: {
    batch: 1,
    purchase_order_id: 2,
    created_date: 3,
    created_at: 4,
    last_updated_date: 5,
    last_updated_at: 6,
    staff_id: 7,
    counterparty_id: 8,
    item_code: 9,
    item_quantity: 10,
    item_unit_price: 11,
    currency_id: 12,
    agreed_delivery_date: 13,
    agreed_payment_date: 14,
    agreed_delivery_location_id: 15,
  },
  fact_payment: {
    batch: 1,
    payment_id: 2,
    created_date: 3,
    created_at: 4,
    last_updated_date: 5,
    last_updated_at: 6,
    transaction_id: 7,
    counterparty_id: 8,
    payment_amount: 9,
    currency_id: 10,
    payment_type_id: 11,
    paid: 12,
    payment_date: 13,
  },
  deleted_fact_sales_order: {
    batch: 1,
    sales_order_id: 2,
  },
  deleted_fact_purchase_orders: {
    batch: 1,
    purchase_order_id: 2,
  },
  deleted_fact_payment: {
    batch: 1,
    payment_id: 2,
  },
};

/** The ids of columns that the model no longer has, by table. */
export const RETIRED_FIELD_IDS: Readonly<Record<string, readonly number[]>> = {};

/** Returns the field id of a column; throws if the model declares none. */
export function fieldIdOf({ fieldIds = {} }: { readonly fieldIds?: FieldIds }, table: string, column: string): number {
  const id = fieldIds[table]?.[column];
  if (id !== undefined) return id;
  throw new Error(
    `Column '${column}' of table '${table}' has no field id, so it cannot be published: expected one in ` +
      'field-ids.ts. Add the next id of the table that neither a column nor a removed column has.',
  );
}
