import type { TestDatabase } from '@totesys/sandbox';

const STAMPS = [
  'created_date date → dim_date',
  'created_time time without time zone',
  'last_updated_date date → dim_date',
  'last_updated_time time without time zone',
];

/** The designed warehouse: a column is `name type`, `?` if it is nullable, `→` and the table that it refers to. */
export const WAREHOUSE: Readonly<Record<string, readonly string[]>> = {
  dim_date: [
    'date_id date',
    ...['year', 'month', 'day', 'day_of_week'].map((name) => `${name} integer`),
    'day_name character varying',
    'month_name character varying',
    'quarter integer',
  ],
  dim_staff: [
    'staff_id integer',
    ...['first_name', 'last_name', 'department_name', 'location', 'email_address'].map(
      (name) => `${name} character varying`,
    ),
  ],
  dim_location: [
    'location_id integer',
    'address_line_1 character varying',
    'address_line_2 character varying?',
    'district character varying?',
    ...['city', 'postal_code', 'country', 'phone'].map((name) => `${name} character varying`),
  ],
  dim_currency: ['currency_id integer', 'currency_code character varying', 'currency_name character varying'],
  dim_design: [
    'design_id integer',
    ...['design_name', 'file_location', 'file_name'].map((name) => `${name} character varying`),
  ],
  dim_counterparty: [
    'counterparty_id integer',
    'counterparty_legal_name character varying',
    'counterparty_legal_address_line_1 character varying',
    'counterparty_legal_address_line_2 character varying?',
    'counterparty_legal_district character varying?',
    'counterparty_legal_city character varying',
    'counterparty_legal_postal_code character varying',
    'counterparty_legal_country character varying',
    'counterparty_legal_phone_number character varying',
  ],
  dim_transaction: [
    'transaction_id integer',
    'transaction_type character varying',
    'sales_order_id integer?',
    'purchase_order_id integer?',
  ],
  dim_payment_type: ['payment_type_id integer', 'payment_type_name character varying'],
  fact_sales_order: [
    'sales_record_id integer',
    'sales_order_id integer',
    ...STAMPS,
    'sales_staff_id integer → dim_staff',
    'counterparty_id integer → dim_counterparty',
    'units_sold integer',
    'unit_price numeric(10,2)',
    'currency_id integer → dim_currency',
    'design_id integer → dim_design',
    'agreed_payment_date date → dim_date',
    'agreed_delivery_date date → dim_date',
    'agreed_delivery_location_id integer → dim_location',
  ],
  fact_purchase_orders: [
    'purchase_record_id integer',
    'purchase_order_id integer',
    ...STAMPS,
    'staff_id integer → dim_staff',
    'counterparty_id integer → dim_counterparty',
    'item_code character varying',
    'item_quantity integer',
    'item_unit_price numeric',
    'currency_id integer → dim_currency',
    'agreed_delivery_date date → dim_date',
    'agreed_payment_date date → dim_date',
    'agreed_delivery_location_id integer → dim_location',
  ],
  fact_payment: [
    'payment_record_id integer',
    'payment_id integer',
    ...STAMPS,
    'transaction_id integer → dim_transaction',
    'counterparty_id integer → dim_counterparty',
    'payment_amount numeric',
    'currency_id integer → dim_currency',
    'payment_type_id integer → dim_payment_type',
    'paid boolean',
    'payment_date date → dim_date',
  ],
};

/** Returns the tables of a database in the same form. */
export async function describeWarehouse({ sql }: TestDatabase): Promise<Record<string, string[]>> {
  const rows = await sql`
    select c.relname as table,
           a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || case when a.attnotnull then '' else '?' end
           || coalesce(' → ' || (select r.relname from pg_constraint k join pg_class r on r.oid = k.confrelid
                                  where k.contype = 'f' and k.conrelid = c.oid and k.conkey = array[a.attnum]), '')
           as column
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by c.relname, a.attnum`;
  const tables: Record<string, string[]> = {};
  for (const { table, column } of rows) {
    tables[table] ??= [];
    tables[table].push(column);
  }
  return tables;
}
