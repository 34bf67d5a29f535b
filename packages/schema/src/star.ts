import { plainNumeric } from './column-type.ts';
import { calendar, dimension, fact } from './derive.ts';
import * as totesys from './totesys.ts';

const ABOUT = {
  created: { about: 'When the row was made, as the source wrote it: naive, without a time zone.' },
  updated: {
    about:
      'When the application says it last changed the row: naive, and often left as it was by a change. Order versions by the record id, never by this.',
  },
  location: 'Where it is to be delivered.',
  delivery: { about: 'The day agreed for delivery.' },
  payment: { about: 'The day agreed for payment.' },
  currency: 'The currency of the amount: never add amounts of two.',
  price: 'The price of one unit, exact, in the currency of currency_id.',
} as const;

/** Every day of every calendar year in which any date occurs. */
export const dimDate = calendar('dim_date', {
  date_id: 'date',
  year: 'year',
  month: 'month',
  day: 'day',
  day_of_week: 'isoDayOfWeek',
  day_name: 'dayName',
  month_name: 'monthName',
  quarter: 'quarter',
});

/** Staff with their department. */
export const dimStaff = dimension('dim_staff', totesys.staff, (from) => ({
  staff_id: from.column('staff_id'),
  first_name: from.column('first_name'),
  last_name: from.column('last_name'),
  department_name: from.joined('department_id', totesys.department, 'department_name', {
    placeholder: 'Unknown',
    about: 'The department that they are in now.',
  }),
  location: from.joined('department_id', totesys.department, 'location', {
    placeholder: 'Unknown',
    about: 'Where that department is.',
  }),
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
  currency_code: from.column('currency_code', { about: 'Its ISO 4217 code: GBP.' }),
  currency_name: from.currencyName('currency_code', { about: 'Its name in English: British Pound.' }),
}));

/** Designs of what is sold. */
export const dimDesign = dimension('dim_design', totesys.design, (from) => ({
  design_id: from.column('design_id'),
  design_name: from.column('design_name'),
  file_location: from.column('file_location', { about: 'The folder of its file.' }),
  file_name: from.column('file_name', { about: 'The name of its file.' }),
}));

/** Counterparties with their legal address. */
export const dimCounterparty = dimension('dim_counterparty', totesys.counterparty, (from) => {
  const legal = (column: keyof typeof totesys.address.columns) =>
    from.joined('legal_address_id', totesys.address, column, {
      ...unknownUnlessNullable(column),
      about: 'Of its legal address.',
    });
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
  transaction_type: from.column('transaction_type', { about: 'SALE or PURCHASE.' }),
  sales_order_id: from.column('sales_order_id', { about: 'The sales order of a SALE.' }),
  purchase_order_id: from.column('purchase_order_id', { about: 'The purchase order of a PURCHASE.' }),
}));

/** What a payment is for. */
export const dimPaymentType = dimension('dim_payment_type', totesys.paymentType, (from) => ({
  payment_type_id: from.column('payment_type_id'),
  payment_type_name: from.column('payment_type_name', {
    about: 'SALES_RECEIPT, SALES_REFUND, PURCHASE_PAYMENT or PURCHASE_REFUND.',
  }),
}));

/** Sales orders, every version of each. */
export const factSalesOrder = fact('fact_sales_order', 'sales_record_id', totesys.salesOrder, (from) => ({
  sales_order_id: from.column('sales_order_id'),
  created_date: from.dateOf('created_at', dimDate, ABOUT.created),
  created_time: from.timeOf('created_at', ABOUT.created),
  last_updated_date: from.dateOf('last_updated', dimDate, ABOUT.updated),
  last_updated_time: from.timeOf('last_updated', ABOUT.updated),
  sales_staff_id: from.column('staff_id', { references: dimStaff, about: 'Who of the staff has the order.' }),
  counterparty_id: from.column('counterparty_id', { references: dimCounterparty, about: 'With whom.' }),
  units_sold: from.column('units_sold', { about: 'How many units the order is for.' }),
  unit_price: from.column('unit_price', { about: ABOUT.price }),
  currency_id: from.column('currency_id', { references: dimCurrency, about: ABOUT.currency }),
  design_id: from.column('design_id', { references: dimDesign, about: 'What is sold.' }),
  agreed_payment_date: from.parsedDate('agreed_payment_date', dimDate, ABOUT.payment),
  agreed_delivery_date: from.parsedDate('agreed_delivery_date', dimDate, ABOUT.delivery),
  agreed_delivery_location_id: from.column('agreed_delivery_location_id', {
    references: dimLocation,
    about: ABOUT.location,
  }),
}));

/** Purchase orders, every version of each; the brief's list and its diagram spell the name differently, so it has both. */
export const factPurchaseOrders = fact(
  'fact_purchase_orders',
  'purchase_record_id',
  totesys.purchaseOrder,
  (from) => ({
    purchase_order_id: from.column('purchase_order_id'),
    created_date: from.dateOf('created_at', dimDate, ABOUT.created),
    created_time: from.timeOf('created_at', ABOUT.created),
    last_updated_date: from.dateOf('last_updated', dimDate, ABOUT.updated),
    last_updated_time: from.timeOf('last_updated', ABOUT.updated),
    staff_id: from.column('staff_id', { references: dimStaff, about: 'Who of the staff has the order.' }),
    counterparty_id: from.column('counterparty_id', { references: dimCounterparty, about: 'With whom.' }),
    item_code: from.column('item_code', { about: 'What is bought; there is no dimension of items.' }),
    item_quantity: from.column('item_quantity', { about: 'How many units the order is for.' }),
    item_unit_price: from.column('item_unit_price', { as: plainNumeric(10, 2), about: ABOUT.price }),
    currency_id: from.column('currency_id', { references: dimCurrency, about: ABOUT.currency }),
    agreed_delivery_date: from.parsedDate('agreed_delivery_date', dimDate, ABOUT.delivery),
    agreed_payment_date: from.parsedDate('agreed_payment_date', dimDate, ABOUT.payment),
    agreed_delivery_location_id: from.column('agreed_delivery_location_id', {
      references: dimLocation,
      about: ABOUT.location,
    }),
  }),
  'fact_purchase_order',
);

/** Payments, every version of each. */
export const factPayment = fact('fact_payment', 'payment_record_id', totesys.payment, (from) => ({
  payment_id: from.column('payment_id'),
  created_date: from.dateOf('created_at', dimDate, ABOUT.created),
  created_time: from.timeOf('created_at', ABOUT.created),
  last_updated_date: from.dateOf('last_updated', dimDate, ABOUT.updated),
  last_updated_time: from.timeOf('last_updated', ABOUT.updated),
  transaction_id: from.column('transaction_id', {
    references: dimTransaction,
    about: 'The sale or the purchase that it pays for.',
  }),
  counterparty_id: from.column('counterparty_id', { references: dimCounterparty, about: 'With whom.' }),
  payment_amount: from.column('payment_amount', {
    as: plainNumeric(10, 2),
    about: 'The amount, exact, in the currency of currency_id; payment_type_id says which way it goes.',
  }),
  currency_id: from.column('currency_id', { references: dimCurrency, about: ABOUT.currency }),
  payment_type_id: from.column('payment_type_id', { references: dimPaymentType, about: 'Receipt, payment or refund.' }),
  paid: from.column('paid', { about: 'Whether it has been paid.' }),
  payment_date: from.parsedDate('payment_date', dimDate, {
    about: 'The day of the payment, as the source has it.',
  }),
}));

// A dimension's text that must not be null says so in words; what may be null stays null.
function unknownUnlessNullable(column: keyof typeof totesys.address.columns) {
  return totesys.address.columns[column].nullable ? {} : { placeholder: 'Unknown' };
}
