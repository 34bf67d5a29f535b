import { boolean, enumeration, integer, numeric, text, timestamp, varchar } from './column-type.ts';
import { foreignKey, optional, optionalForeignKey, personal, required, sourceTable } from './source-table.ts';

// Every table has these two columns. `last_updated` has no default, and the application does not always set it.
const stamps = { created_at: required(timestamp(3)), last_updated: required(timestamp(3)) } as const;

/** The addresses of counterparties and of deliveries. */
export const address = sourceTable('address', 'address_id', {
  address_id: required(integer()),
  address_line_1: personal(required(text())),
  address_line_2: personal(optional(text())),
  district: optional(text()),
  city: required(text()),
  postal_code: personal(required(text())),
  country: required(text()),
  phone: personal(required(text())),
  ...stamps,
});

/** The companies that the company sells to and buys from. */
export const counterparty = sourceTable('counterparty', 'counterparty_id', {
  counterparty_id: required(integer()),
  counterparty_legal_name: required(text()),
  legal_address_id: foreignKey(address),
  commercial_contact: personal(optional(text())),
  delivery_contact: personal(optional(text())),
  ...stamps,
});

/** The currencies of orders and payments, by their ISO 4217 codes. */
export const currency = sourceTable('currency', 'currency_id', {
  currency_id: required(integer()),
  currency_code: required(varchar(3)),
  ...stamps,
});

/** The departments of the company. */
export const department = sourceTable('department', 'department_id', {
  department_id: required(integer()),
  department_name: required(text()),
  location: optional(text()),
  manager: personal(optional(text())),
  ...stamps,
});

/** The designs of the products that the company sells. */
export const design = sourceTable('design', 'design_id', {
  design_id: required(integer()),
  design_name: required(text()),
  file_location: required(text()),
  file_name: required(text()),
  ...stamps,
});

/** The members of staff. */
export const staff = sourceTable('staff', 'staff_id', {
  staff_id: required(integer()),
  first_name: personal(required(text())),
  last_name: personal(required(text())),
  department_id: foreignKey(department),
  email_address: personal(required(text())),
  ...stamps,
});

/** The orders that counterparties place with the company. */
export const salesOrder = sourceTable('sales_order', 'sales_order_id', {
  sales_order_id: required(integer()),
  design_id: foreignKey(design),
  staff_id: foreignKey(staff),
  counterparty_id: foreignKey(counterparty),
  units_sold: required(integer()),
  unit_price: required(numeric(10, 2)),
  currency_id: foreignKey(currency),
  agreed_delivery_date: required(text()),
  agreed_payment_date: required(text()),
  agreed_delivery_location_id: foreignKey(address),
  ...stamps,
});

/** The orders that the company places with counterparties. */
export const purchaseOrder = sourceTable('purchase_order', 'purchase_order_id', {
  purchase_order_id: required(integer()),
  staff_id: foreignKey(staff),
  counterparty_id: foreignKey(counterparty),
  item_code: required(text()),
  item_quantity: required(integer()),
  item_unit_price: required(numeric(10, 2)),
  currency_id: foreignKey(currency),
  agreed_delivery_date: required(text()),
  agreed_payment_date: required(text()),
  agreed_delivery_location_id: foreignKey(address),
  ...stamps,
});

/** The purposes of payments. */
export const paymentType = sourceTable('payment_type', 'payment_type_id', {
  payment_type_id: required(integer()),
  payment_type_name: required(
    enumeration('PaymentTypeName', ['SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND']),
  ),
  ...stamps,
});

/** The transactions: one for each sales order and each purchase order. */
export const transaction = sourceTable('transaction', 'transaction_id', {
  transaction_id: required(integer()),
  transaction_type: required(enumeration('TransactionType', ['SALE', 'PURCHASE'])),
  sales_order_id: optionalForeignKey(salesOrder),
  purchase_order_id: optionalForeignKey(purchaseOrder),
  ...stamps,
});

/** The payments: one for each transaction. */
export const payment = sourceTable('payment', 'payment_id', {
  payment_id: required(integer()),
  transaction_id: foreignKey(transaction),
  counterparty_id: foreignKey(counterparty),
  payment_amount: required(numeric(10, 2)),
  currency_id: foreignKey(currency),
  payment_type_id: foreignKey(paymentType),
  paid: required(boolean()),
  payment_date: required(text()),
  company_ac_number: required(integer()),
  counterparty_ac_number: personal(required(integer())),
  ...stamps,
});
