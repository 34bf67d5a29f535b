import {
  addForeignKey,
  createTable,
  createView,
  factColumns,
  foreignKeysOf,
  latestIndex,
  ledgerIndex,
  selectAlias,
  selectCurrent,
  star,
  totesysModel,
  warehouseTablesInOrder,
} from '../src/index.ts';

const flat = (statement: string) => statement.replace(/\s+/g, ' ');

test('a dimension has its key and its columns, nullable or not', () => {
  expect(flat(createTable(star.dimTransaction))).toBe(
    'create table if not exists public."dim_transaction" ( "transaction_id" integer not null, ' +
      '"transaction_type" character varying not null, "sales_order_id" integer, "purchase_order_id" integer, ' +
      'primary key ("transaction_id") )',
  );
});

test('a fact has a serial record id, and money has the type of the contract', () => {
  const table = flat(createTable(star.factSalesOrder));
  expect(table).toMatch(/^create table if not exists public\."fact_sales_order" \( "sales_record_id" serial, /);
  expect(table).toMatch(/ "unit_price" numeric\(10,2\) not null,.* primary key \("sales_record_id"\) \)$/);
  expect(createTable(star.factPayment)).toContain('"payment_amount" numeric not null');
  expect(createTable(star.factPayment)).toContain('"created_time" time without time zone not null');
});

test('every date of a fact refers to the calendar, and every id to its dimension', () => {
  const keys = [star.factSalesOrder, star.factPurchaseOrders, star.factPayment].flatMap((fact) =>
    foreignKeysOf(totesysModel, fact),
  );
  expect(keys).toHaveLength(9 + 8 + 7);
  expect(flat(addForeignKey(keys[0]!))).toBe(
    'alter table public."fact_sales_order" add constraint "fact_sales_order_created_date_fkey" ' +
      'foreign key ("created_date") references public."dim_date" ("date_id")',
  );
});

test('views have every column in the given order', () => {
  const columns = factColumns(star.factPurchaseOrders).toReversed();
  const list = columns.map((name) => `"${name}"`).join(', ');
  expect(flat(createView('fact_purchase_order', selectAlias(star.factPurchaseOrders, columns)))).toBe(
    `create or replace view public."fact_purchase_order" as select ${list} from public."fact_purchase_orders"`,
  );
  expect(selectCurrent(star.factPayment)).toContain("d.fact = 'fact_payment'");
});

test('indexes find the latest version of an id, and the batch of a record id', () => {
  expect(latestIndex(star.factPayment).statement).toContain('("payment_id", "payment_record_id" desc)');
  expect(flat(ledgerIndex(star.factPayment).statement)).toBe(
    `create index "ledger_fact_payment" on etl.ledger (((last_record_ids ->> 'fact_payment')::bigint), batch)`,
  );
});

test('tables come after those that they refer to', () => {
  const kinds = warehouseTablesInOrder(totesysModel).map(({ kind }) => kind);
  expect(kinds).toEqual(['calendar', ...Array(7).fill('dimension'), ...Array(3).fill('fact')]);
});

test('names are quoted, whatever they hold', () => {
  const table = { ...star.dimDesign, name: 'a"b; drop table x' };
  expect(createTable(table)).toContain('public."a""b; drop table x"');
});
