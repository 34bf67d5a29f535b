import { plainNumeric } from './column-type.ts';
import { calendar, dimension, fact } from './derive.ts';
import * as totesys from './totesys.ts';

// Sentences for analysts that several columns share: the data dictionary and the comments in the warehouse have them.
const ABOUT = {
  created: { about: 'When the row was created, as the source wrote it, without a time zone.' },
  updated: {
    about:
      'When the application says that it last changed the row, without a time zone. ' +
      'Many changes leave it as it was: order versions by the record id, never by this column.',
  },
  staff: 'The member of staff who is responsible for the order.',
  location: 'The address for the delivery.',
  delivery: { about: 'The day agreed for delivery.' },
  payment: { about: 'The day agreed for payment.' },
  currency: 'The currency of the amount. Never add amounts in different currencies.',
  price: 'The price of one unit, exact, in the currency of currency_id.',
} as const;

/** The calendar: every day of each year in which any date of a fact lies. */
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

/** The members of staff, with their department. */
export const dimStaff = dimension('dim_staff', totesys.staff, (from) => ({
  staff_id: from.column('staff_id'),
  first_name: from.column('first_name'),
  last_name: from.column('last_name'),
  department_name: from.joined('department_id', totesys.department, 'department_name', {
    placeholder: 'Unknown',
    about: 'The current department of the member of staff.',
  }),
  location: from.joined('department_id', totesys.department, 'location', {
    placeholder: 'Unknown',
    about: 'The location of that department.',
  }),
  email_address: from.column('email_address'),
}));

/** The addresses to which orders are delivered. */
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

/** The currencies, with their ISO 4217 names. */
export const dimCurrency = dimension('dim_currency', totesys.currency, (from) => ({
  currency_id: from.column('currency_id'),
  currency_code: from.column('currency_code', { about: 'Its ISO 4217 code: GBP.' }),
  currency_name: from.currencyName('currency_code', { about: 'Its English name: British Pound.' }),
}));

/** The designs of products. */
export const dimDesign = dimension('dim_design', totesys.design, (from) => ({
  design_id: from.column('design_id'),
  design_name: from.column('design_name'),
  file_location: from.column('file_location', { about: 'The folder of its file.' }),
  file_name: from.column('file_name', { about: 'The name of its file.' }),
}));

/** The counterparties, with their legal address. */
export const dimCounterparty = dimension('dim_counterparty', totesys.counterparty, (from) => {
  const legal = (column: keyof typeof totesys.address.columns) =>
    from.joined('legal_address_id', totesys.address, column, {
      ...unknownUnlessNullable(column),
      about: 'Part of its legal address.',
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

/** The transactions: one for each sales order and each purchase order. */
export const dimTransaction = dimension('dim_transaction', totesys.transaction, (from) => ({
  transaction_id: from.column('transaction_id'),
  transaction_type: from.column('transaction_type', { about: 'SALE or PURCHASE.' }),
  sales_order_id: from.column('sales_order_id', { about: 'The sales order of a SALE.' }),
  purchase_order_id: from.column('purchase_order_id', { about: 'The purchase order of a PURCHASE.' }),
}));

/** The purposes of payments. */
export const dimPaymentType = dimension('dim_payment_type', totesys.paymentType, (from) => ({
  payment_type_id: from.column('payment_type_id'),
  payment_type_name: from.column('payment_type_name', {
    about: 'SALES_RECEIPT, SALES_REFUND, PURCHASE_PAYMENT or PURCHASE_REFUND.',
  }),
}));

/** The sales orders: every version of each. */
export const factSalesOrder = fact('fact_sales_order', totesys.salesOrder, { recordId: 'sales_record_id' }, (from) => ({
  sales_order_id: from.column('sales_order_id'),
  created_date: from.dateOf('created_at', dimDate, ABOUT.created),
  created_time: from.timeOf('created_at', ABOUT.created),
  last_updated_date: from.dateOf('last_updated', dimDate, ABOUT.updated),
  last_updated_time: from.timeOf('last_updated', ABOUT.updated),
  sales_staff_id: from.column('staff_id', { references: dimStaff, about: ABOUT.staff }),
  counterparty_id: from.column('counterparty_id', {
    references: dimCounterparty,
    about: 'The counterparty that buys.',
  }),
  units_sold: from.column('units_sold', { about: 'The number of units ordered.' }),
  unit_price: from.column('unit_price', { about: ABOUT.price }),
  currency_id: from.column('currency_id', { references: dimCurrency, about: ABOUT.currency }),
  design_id: from.column('design_id', { references: dimDesign, about: 'The design of the product sold.' }),
  agreed_payment_date: from.parsedDate('agreed_payment_date', dimDate, ABOUT.payment),
  agreed_delivery_date: from.parsedDate('agreed_delivery_date', dimDate, ABOUT.delivery),
  agreed_delivery_location_id: from.column('agreed_delivery_location_id', {
    references: dimLocation,
    about: ABOUT.location,
  }),
}));

/** The purchase orders: every version of each. The brief uses two names for the table, so it has an alias. */
export const factPurchaseOrders = fact(
  'fact_purchase_orders',
  totesys.purchaseOrder,
  { recordId: 'purchase_record_id', alias: 'fact_purchase_order' },
  (from) => ({
    purchase_order_id: from.column('purchase_order_id'),
    created_date: from.dateOf('created_at', dimDate, ABOUT.created),
    created_time: from.timeOf('created_at', ABOUT.created),
    last_updated_date: from.dateOf('last_updated', dimDate, ABOUT.updated),
    last_updated_time: from.timeOf('last_updated', ABOUT.updated),
    staff_id: from.column('staff_id', { references: dimStaff, about: ABOUT.staff }),
    counterparty_id: from.column('counterparty_id', {
      references: dimCounterparty,
      about: 'The counterparty that sells.',
    }),
    item_code: from.column('item_code', { about: 'The item bought; there is no dimension of items.' }),
    item_quantity: from.column('item_quantity', { about: 'The number of units ordered.' }),
    item_unit_price: from.column('item_unit_price', { as: plainNumeric(10, 2), about: ABOUT.price }),
    currency_id: from.column('currency_id', { references: dimCurrency, about: ABOUT.currency }),
    agreed_delivery_date: from.parsedDate('agreed_delivery_date', dimDate, ABOUT.delivery),
    agreed_payment_date: from.parsedDate('agreed_payment_date', dimDate, ABOUT.payment),
    agreed_delivery_location_id: from.column('agreed_delivery_location_id', {
      references: dimLocation,
      about: ABOUT.location,
    }),
  }),
);

/** The payments: every version of each. */
export const factPayment = fact('fact_payment', totesys.payment, { recordId: 'payment_record_id' }, (from) => ({
  payment_id: from.column('payment_id'),
  created_date: from.dateOf('created_at', dimDate, ABOUT.created),
  created_time: from.timeOf('created_at', ABOUT.created),
  last_updated_date: from.dateOf('last_updated', dimDate, ABOUT.updated),
  last_updated_time: from.timeOf('last_updated', ABOUT.updated),
  transaction_id: from.column('transaction_id', {
    references: dimTransaction,
    about: 'The transaction that it pays for.',
  }),
  counterparty_id: from.column('counterparty_id', {
    references: dimCounterparty,
    about: 'The counterparty of the payment.',
  }),
  payment_amount: from.column('payment_amount', {
    as: plainNumeric(10, 2),
    about: 'The amount, exact, in the currency of currency_id. payment_type_id determines its direction.',
  }),
  currency_id: from.column('currency_id', { references: dimCurrency, about: ABOUT.currency }),
  payment_type_id: from.column('payment_type_id', {
    references: dimPaymentType,
    about: 'The purpose of the payment: receipt, payment or refund.',
  }),
  paid: from.column('paid', { about: 'True once it has been paid.' }),
  payment_date: from.parsedDate('payment_date', dimDate, {
    about: 'The day of the payment, as recorded in the source.',
  }),
}));

// Required columns of a dimension get a placeholder; nullable ones stay null.
function unknownUnlessNullable(column: keyof typeof totesys.address.columns) {
  return totesys.address.columns[column].nullable ? {} : { placeholder: 'Unknown' };
}
