import type { Sql } from '@totesys/runtime';

const STAMPS = `created_at timestamp(3) not null default current_timestamp, last_updated timestamp(3) not null`;
const references = (table: string) => `integer not null references ${table} on update cascade on delete restrict`;

/**
 * The source as its application declares it. It is written by hand and not derived from the model, because tests
 * compare the model with it.
 */
const TOTESYS_SCHEMA = `
create type "PaymentTypeName" as enum ('SALES_RECEIPT', 'SALES_REFUND', 'PURCHASE_PAYMENT', 'PURCHASE_REFUND');
create type "TransactionType" as enum ('SALE', 'PURCHASE');
create table address (
  address_id serial primary key, address_line_1 text not null, address_line_2 text, district text, city text not null,
  postal_code text not null, country text not null, phone text not null, ${STAMPS});
create table counterparty (
  counterparty_id serial primary key, counterparty_legal_name text not null, legal_address_id ${references('address')},
  commercial_contact text, delivery_contact text, ${STAMPS});
create table currency (currency_id serial primary key, currency_code varchar(3) not null, ${STAMPS});
create table department (department_id serial primary key, department_name text not null, location text,
  manager text, ${STAMPS});
create table design (
  design_id serial primary key, created_at timestamp(3) not null default current_timestamp, design_name text not null,
  file_location text not null, file_name text not null, last_updated timestamp(3) not null);
create table staff (
  staff_id serial primary key, first_name text not null, last_name text not null,
    department_id ${references('department')},
  email_address text not null, ${STAMPS});
create table sales_order (
  sales_order_id serial primary key, ${STAMPS}, design_id ${references('design')}, staff_id ${references('staff')},
  counterparty_id ${references('counterparty')}, units_sold integer not null, unit_price numeric(10,2) not null,
  currency_id ${references('currency')}, agreed_delivery_date text not null, agreed_payment_date text not null,
  agreed_delivery_location_id ${references('address')});
create table purchase_order (
  purchase_order_id serial primary key, ${STAMPS}, staff_id ${references('staff')},
    counterparty_id ${references('counterparty')},
  item_code text not null, item_quantity integer not null, item_unit_price numeric(10,2) not null,
    currency_id ${references('currency')},
  agreed_delivery_date text not null, agreed_payment_date text not null,
    agreed_delivery_location_id ${references('address')});
create table payment_type (payment_type_id serial primary key, payment_type_name "PaymentTypeName" not null, ${STAMPS});
create table transaction (
  transaction_id serial primary key, transaction_type "TransactionType" not null,
  sales_order_id integer unique references sales_order on update cascade on delete set null,
  purchase_order_id integer unique references purchase_order on update cascade on delete set null, ${STAMPS});
create table payment (
  payment_id serial primary key, ${STAMPS}, transaction_id integer not null unique references transaction on update
    cascade on delete restrict,
  counterparty_id ${references('counterparty')}, payment_amount numeric(10,2) not null,
    currency_id ${references('currency')},
  payment_type_id ${references('payment_type')}, paid boolean not null, payment_date text not null,
    company_ac_number integer not null,
  counterparty_ac_number integer not null);
create table _prisma_migrations (id varchar(36) primary key, migration_name varchar(255) not null,
  finished_at timestamptz);
`;

/** The source's tables; each comes after those that it refers to. */
export const TOTESYS_TABLES = [
  'address',
  'counterparty',
  'currency',
  'department',
  'design',
  'staff',
  'sales_order',
  'purchase_order',
  'payment_type',
  'transaction',
  'payment',
] as const;

/** Creates the eleven empty tables of totesys, and the table of its migration tool. */
export async function createTotesysSchema(sql: Sql): Promise<void> {
  await sql.unsafe(TOTESYS_SCHEMA);
}
