import { date, integer, plainNumeric, varchar } from './column-type.ts';
import { dimension, fact } from './derive.ts';
import * as totesys from './totesys.ts';
import type { Calendar } from './warehouse-table.ts';

/** Every day of every calendar year in which any date occurs. */
export const dimDate: Calendar = {
  kind: 'calendar',
  name: 'dim_date',
  key: 'date_id',
  columns: [
    { name: 'date_id', type: date(), part: 'date' },
    { name: 'year', type: integer(), part: 'year' },
    { name: 'month', type: integer(), part: 'month' },
    { name: 'day', type: integer(), part: 'day' },
    { name: 'day_of_week', type: integer(), part: 'isoDayOfWeek' },
    { name: 'day_name', type: varchar(), part: 'dayName' },
    { name: 'month_name', type: varchar(), part: 'monthName' },
    { name: 'quarter', type: integer(), part: 'quarter' },
  ],
};

/** Staff with their department. */
export const dimStaff = dimension('dim_staff', totesys.staff, (from) => ({
  staff_id: from.column('staff_id'),
  first_name: from.column('first_name'),
  last_name: from.column('last_name'),
  department_name: from.joined('department_id', totesys.department, 'department_name', { placeholder: 'Unknown' }),
  location: from.joined('department_id', totesys.department, 'location', { placeholder: 'Unknown' }),
  email_address: from.column('email_address'),
}));

/** Where orders are delivered. */
export const dimLocation = dimension('dim_location', totesys.address, (from) => ({
  location_id: from.column('address_id'),
  address_line_1: from.column('address_line_1'),
  address_line_2: from.column('address_line_2'),
  district: from.column('district'),
  city: from.column('city'),
  postal_code: from.column('postal_code'),
  country: from.column('country'),
  phone: from.column('phone'),
}));

/** Currencies with their ISO 4217 names. */
export const dimCurrency = dimension('dim_currency', totesys.currency, (from) => ({
  currency_id: from.column('currency_id'),
  currency_code: from.column('currency_code'),
  currency_name: from.currencyName('currency_code'),
}));

/** Designs of what is sold. */
export const dimDesign = dimension('dim_design', totesys.design, (from) => ({
  design_id: from.column('design_id'),
  design_name: from.column('design_name'),
  file_location: from.column('file_location'),
  file_name: from.column('file_name'),
}));

/** Counterparties with their legal address. */
export const dimCounterparty = dimension('dim_counterparty', totesys.counterparty, (from) => {
  const legal = (column: keyof typeof totesys.address.columns) =>
    from.joined('legal_address_id', totesys.address, column, unknownUnlessNullable(column));
  return {
    counterparty_id: from.column('counterparty_id'),
    counterparty_legal_name: from.column('counterparty_legal_name'),
    counterparty_legal_address_line_1: legal('address_line_1'),
    counterparty_legal_address_line_2: legal('address_line_2'),
    counterparty_legal_district: legal('district'),
    counterparty_legal_city: legal('city'),
    counterparty_legal_postal_code: legal('postal_code'),
    counterparty_legal_country: legal('country'),
    counterparty_legal_phone_number: legal('phone'),
  };
});

/** Transactions, each of one order. */
export const dimTransaction = dimension('dim_transaction', totesys.transaction, (from) => ({
  transaction_id: from.column('transaction_id'),
  transaction_type: from.column('transaction_type'),
  sales_order_id: from.column('sales_order_id'),
  purchase_order_id: from.column('purchase_order_id'),
}));

/** What a payment is for. */
export const dimPaymentType = dimension('dim_payment_type', totesys.paymentType, (from) => ({
  payment_type_id: from.column('payment_type_id'),
  payment_type_name: from.column('payment_type_name'),
}));

/** Sales orders, every version of each. */
export const factSalesOrder = fact('fact_sales_order', 'sales_record_id', totesys.salesOrder, (from) => ({
  sales_order_id: from.column('sales_order_id'),
  created_date: from.dateOf('created_at', dimDate),
  created_time: from.timeOf('created_at'),
  last_updated_date: from.dateOf('last_updated', dimDate),
  last_updated_time: from.timeOf('last_updated'),
  sales_staff_id: from.column('staff_id', { references: dimStaff }),
  counterparty_id: from.column('counterparty_id', { references: dimCounterparty }),
  units_sold: from.column('units_sold'),
  unit_price: from.column('unit_price'),
  currency_id: from.column('currency_id', { references: dimCurrency }),
  design_id: from.column('design_id', { references: dimDesign }),
  agreed_payment_date: from.parsedDate('agreed_payment_date', dimDate),
  agreed_delivery_date: from.parsedDate('agreed_delivery_date', dimDate),
  agreed_delivery_location_id: from.column('agreed_delivery_location_id', { references: dimLocation }),
}));

/** Purchase orders, every version of each; the brief's list and its diagram spell the name differently, so it has both. */
export const factPurchaseOrders = fact(
  'fact_purchase_orders',
  'purchase_record_id',
  totesys.purchaseOrder,
  (from) => ({
    purchase_order_id: from.column('purchase_order_id'),
    created_date: from.dateOf('created_at', dimDate),
    created_time: from.timeOf('created_at'),
    last_updated_date: from.dateOf('last_updated', dimDate),
    last_updated_time: from.timeOf('last_updated'),
    staff_id: from.column('staff_id', { references: dimStaff }),
    counterparty_id: from.column('counterparty_id', { references: dimCounterparty }),
    item_code: from.column('item_code'),
    item_quantity: from.column('item_quantity'),
    item_unit_price: from.column('item_unit_price', { as: plainNumeric(10, 2) }),
    currency_id: from.column('currency_id', { references: dimCurrency }),
    agreed_delivery_date: from.parsedDate('agreed_delivery_date', dimDate),
    agreed_payment_date: from.parsedDate('agreed_payment_date', dimDate),
    agreed_delivery_location_id: from.column('agreed_delivery_location_id', { references: dimLocation }),
  }),
  'fact_purchase_order',
);

/** Payments, every version of each. */
export const factPayment = fact('fact_payment', 'payment_record_id', totesys.payment, (from) => ({
  payment_id: from.column('payment_id'),
  created_date: from.dateOf('created_at', dimDate),
  created_time: from.timeOf('created_at'),
  last_updated_date: from.dateOf('last_updated', dimDate),
  last_updated_time: from.timeOf('last_updated'),
  transaction_id: from.column('transaction_id', { references: dimTransaction }),
  counterparty_id: from.column('counterparty_id', { references: dimCounterparty }),
  payment_amount: from.column('payment_amount', { as: plainNumeric(10, 2) }),
  currency_id: from.column('currency_id', { references: dimCurrency }),
  payment_type_id: from.column('payment_type_id', { references: dimPaymentType }),
  paid: from.column('paid'),
  payment_date: from.parsedDate('payment_date', dimDate),
}));

// A dimension's text that must not be null says so in words; what may be null stays null.
function unknownUnlessNullable(column: keyof typeof totesys.address.columns) {
  return totesys.address.columns[column].nullable ? {} : { placeholder: 'Unknown' };
}
