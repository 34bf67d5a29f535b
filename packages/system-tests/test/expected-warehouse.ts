/**
 * The warehouse computed a second time: plain SQL on the source, written by hand from the design and not from the
 * model, every
 * column as exact text. Each statement has a twin on the warehouse; both are ordered by key, so that equal means equal.
 */
export interface ExpectedTable {
  readonly table: string;
  readonly source: string;
  readonly warehouse: string;
}

const CURRENCY_NAMES = `case c.currency_code when 'GBP' then 'British Pound' when 'USD' then 'US Dollar' when 'EUR' then 'Euro' end`;

const STAMPS = `created_at::date::text, created_at::time::text, last_updated::date::text, last_updated::time::text`;

// Every date that an order or payment shows, in text or as a stamp.
const DATES = `
  select created_at::date as d from sales_order union select last_updated::date from sales_order
  union select agreed_delivery_date::date from sales_order union select agreed_payment_date::date from sales_order
  union select created_at::date from purchase_order union select last_updated::date from purchase_order
  union select agreed_delivery_date::date from purchase_order union select agreed_payment_date::date from purchase_order
  union select created_at::date from payment union select last_updated::date from payment union select payment_date::date from payment`;

/** One entry for each of the eleven tables. */
export const expectedWarehouse: readonly ExpectedTable[] = [
  {
    table: 'dim_date',
    source: `
      select d::date::text, extract(year from d)::text, extract(month from d)::text, extract(day from d)::text, extract(isodow from d)::text,
             to_char(d, 'FMDay'), to_char(d, 'FMMonth'), extract(quarter from d)::text
        from (select distinct extract(year from d)::int as y from (${DATES}) dates) years,
             generate_series(make_date(y, 1, 1)::timestamp, make_date(y, 12, 31)::timestamp, '1 day') d
       order by d`,
    warehouse: `
      select date_id::text, year::text, month::text, day::text, day_of_week::text, day_name, month_name, quarter::text from dim_date order by date_id`,
  },
  {
    table: 'dim_staff',
    source: `
      select staff_id::text, first_name, last_name, d.department_name, coalesce(d.location, 'Unknown'), email_address
        from staff s join department d using (department_id) order by s.staff_id`,
    warehouse:
      'select staff_id::text, first_name, last_name, department_name, location, email_address from dim_staff s ' +
      'order by s.staff_id',
  },
  {
    table: 'dim_location',
    source: `
      select address_id::text, address_line_1, address_line_2, district, city, postal_code, country, phone from address a order by a.address_id`,
    warehouse: `
      select location_id::text, address_line_1, address_line_2, district, city, postal_code, country, phone from dim_location l order by l.location_id`,
  },
  {
    table: 'dim_currency',
    source: `select currency_id::text, currency_code, ${CURRENCY_NAMES} from currency c order by c.currency_id`,
    warehouse: 'select currency_id::text, currency_code, currency_name from dim_currency c order by c.currency_id',
  },
  {
    table: 'dim_design',
    source: 'select design_id::text, design_name, file_location, file_name from design d order by d.design_id',
    warehouse: 'select design_id::text, design_name, file_location, file_name from dim_design d order by d.design_id',
  },
  {
    table: 'dim_counterparty',
    source: `
      select counterparty_id::text, counterparty_legal_name, a.address_line_1, a.address_line_2, a.district, a.city, a.postal_code, a.country, a.phone
        from counterparty c join address a on a.address_id = c.legal_address_id order by c.counterparty_id`,
    warehouse: `
      select counterparty_id::text, counterparty_legal_name, counterparty_legal_address_line_1, counterparty_legal_address_line_2,
             counterparty_legal_district, counterparty_legal_city, counterparty_legal_postal_code, counterparty_legal_country,
             counterparty_legal_phone_number
        from dim_counterparty c order by c.counterparty_id`,
  },
  {
    table: 'dim_transaction',
    source: `
      select transaction_id::text, transaction_type::text, sales_order_id::text, purchase_order_id::text from transaction t order by t.transaction_id`,
    warehouse: `
      select transaction_id::text, transaction_type, sales_order_id::text, purchase_order_id::text from dim_transaction t
       order by t.transaction_id`,
  },
  {
    table: 'dim_payment_type',
    source: 'select payment_type_id::text, payment_type_name::text from payment_type p order by p.payment_type_id',
    warehouse: 'select payment_type_id::text, payment_type_name from dim_payment_type p order by p.payment_type_id',
  },
  {
    table: 'fact_sales_order',
    source: `
      select sales_order_id::text, ${STAMPS}, staff_id::text, counterparty_id::text, units_sold::text, unit_price::text, currency_id::text,
             design_id::text, agreed_payment_date, agreed_delivery_date, agreed_delivery_location_id::text
        from sales_order o order by o.sales_order_id`,
    warehouse: `
      select sales_order_id::text, created_date::text, created_time::text, last_updated_date::text, last_updated_time::text, sales_staff_id::text,
             counterparty_id::text, units_sold::text, unit_price::text, currency_id::text, design_id::text, agreed_payment_date::text,
             agreed_delivery_date::text, agreed_delivery_location_id::text
        from current_fact_sales_order o order by o.sales_order_id`,
  },
  {
    table: 'fact_purchase_orders',
    source: `
      select purchase_order_id::text, ${STAMPS}, staff_id::text, counterparty_id::text, item_code, item_quantity::text, item_unit_price::text,
             currency_id::text, agreed_delivery_date, agreed_payment_date, agreed_delivery_location_id::text
        from purchase_order o order by o.purchase_order_id`,
    warehouse: `
      select purchase_order_id::text, created_date::text, created_time::text, last_updated_date::text, last_updated_time::text, staff_id::text,
             counterparty_id::text, item_code, item_quantity::text, item_unit_price::text, currency_id::text, agreed_delivery_date::text,
             agreed_payment_date::text, agreed_delivery_location_id::text
        from current_fact_purchase_orders o order by o.purchase_order_id`,
  },
  {
    table: 'fact_payment',
    source: `
      select payment_id::text, ${STAMPS}, transaction_id::text, counterparty_id::text, payment_amount::text, currency_id::text,
             payment_type_id::text, paid::text, payment_date
        from payment p order by p.payment_id`,
    warehouse: `
      select payment_id::text, created_date::text, created_time::text, last_updated_date::text, last_updated_time::text, transaction_id::text,
             counterparty_id::text, payment_amount::text, currency_id::text, payment_type_id::text, paid::text, payment_date::text
        from current_fact_payment p order by p.payment_id`,
  },
];
