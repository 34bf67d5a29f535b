import { readFile } from 'node:fs/promises';
import { connect, type Sql } from '@totesys/runtime';
import { createTestRole, populate, type TestRole } from '@totesys/sandbox';
import { parseQuestions } from '../../../cli/src/report/parse-questions.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import { createMaskedRole } from './masked-role.ts';

const readPage = (name: string) => readFile(new URL(`../../../../docs/${name}`, import.meta.url), 'utf8');
const page = await readPage('questions.md');
const questions = new Map(parseQuestions(page).map(({ number, sql }) => [number, sql]));
const rights = /grant [^`]*/.exec(await readPage('analysts.md'))![0];

let pipeline: Pipeline;
let role: TestRole;
/** What the analyst queries with. */
let analyst: Sql;

const source = () => pipeline.source.sql;

// Rows as exact text: money would be rounded on its way through a JavaScript number.
async function rowsOf(sql: Sql, query: string): Promise<string[]> {
  return (await sql.unsafe(`select to_jsonb(q)::text as row from (${query}) q`)).map(({ row }) => row);
}

const answer = (question: number) => rowsOf(analyst, questions.get(question)!);

// Three batches of a company with 300 sales orders: all of it; edits and a deletion; an edit, and an order comes back.
beforeAll(async () => {
  pipeline = await createPipeline();
  await populate(source(), { seed: 11, salesOrders: 300, purchaseOrders: 120 });
  await source()`
    update sales_order set units_sold = 10, unit_price = 1.50, agreed_delivery_date = '2024-01-10'
     where sales_order_id in (3, 5, 6)`;
  await pipeline.run();
  role = await createTestRole(pipeline.warehouse, (name) => rights.replaceAll('analyst', name));
  analyst = await connect(role.url, { subject: 'warehouse', connections: 1, applicationName: 'test' });
  await source()`create table kept as select * from sales_order where sales_order_id = 6`;
  await source()`update sales_order set units_sold = 12, agreed_delivery_date = '2024-01-12' where sales_order_id = 3`;
  await source()`update sales_order set agreed_delivery_date = '2024-01-09' where sales_order_id = 4`;
  await source()`delete from sales_order where sales_order_id in (5, 6)`;
  await pipeline.run();
  await source()`insert into sales_order select * from kept`;
  await source()`update sales_order set agreed_delivery_date = '2024-01-20' where sales_order_id = 3`;
  await source()`update sales_order set currency_id = 1 + currency_id % 3, unit_price = 150 where sales_order_id = 7`;
  await pipeline.run();
});

afterAll(async () => {
  await analyst?.end({ timeout: 5 });
  await role?.drop();
  await pipeline.close();
});

test('the page has twelve questions, each with one query', () => {
  expect([...questions.keys()]).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  expect(page.match(/^```/gm)).toHaveLength(24);
});

const created = 'extract(year from o.created_at)::int as year';
const quarter = 'extract(quarter from o.created_at)::int as quarter';
const PAYMENTS = `
  payment o join currency c using (currency_id) join payment_type t using (payment_type_id)
            join counterparty p using (counterparty_id)`;

/** The same question, asked of the source: by question. */
const OF_SOURCE = new Map<number, string>([
  [
    1,
    `select ${created}, extract(month from o.created_at)::int as month, currency_code, count(*) as orders,
            sum(units_sold * unit_price) as amount
       from sales_order o join currency using (currency_id) group by 1, 2, 3 order by 1, 2, 3`,
  ],
  [
    2,
    `select currency_code, rank() over (partition by currency_code order by amount desc) as rank,
            staff_id, first_name, last_name, department_name, orders, amount
       from (select currency_code, staff_id, count(*) as orders, sum(units_sold * unit_price) as amount
               from sales_order o join currency using (currency_id)
              where o.created_at >= '2023-04-01' and o.created_at < '2023-07-01' group by 1, 2) o
       join staff using (staff_id) join department using (department_id) order by 1, 2, 3`,
  ],
  [
    3,
    `select year, quarter, rank, design_id, design_name, units
       from (select *, rank() over (partition by year, quarter order by units desc) as rank
               from (select ${created}, ${quarter}, design_id, sum(units_sold) as units
                       from sales_order o group by 1, 2, 3) units) ranks
       join design using (design_id) where rank <= 3 order by 1, 2, 3, 4`,
  ],
  [
    4,
    `select country, extract(isodow from agreed_delivery_date::date)::int as day_of_week,
            to_char(agreed_delivery_date::date, 'FMDay') as day_name, count(*) as deliveries, sum(units_sold) as units
       from sales_order join address on address_id = agreed_delivery_location_id group by 1, 2, 3 order by 1, 2`,
  ],
  [
    5,
    `select year, quarter, count(*) as orders, round(avg(days), 1) as average_days,
            percentile_disc(0.9) within group (order by days) as days_of_nine_in_ten
       from (select ${created}, ${quarter}, agreed_delivery_date::date - created_at::date as days
               from sales_order o) promises group by 1, 2 order by 1, 2`,
  ],
  [
    6,
    `select currency_code, counterparty_id, counterparty_legal_name, orders, amount,
            round(100 * amount / (select sum(item_quantity * item_unit_price) from purchase_order e
                                   where e.currency_id = s.currency_id), 1) as percent
       from (select currency_id, counterparty_id, count(*) as orders, sum(item_quantity * item_unit_price) as amount
               from purchase_order group by 1, 2) s
       join currency using (currency_id) join counterparty using (counterparty_id) order by 1, 5 desc, 2`,
  ],
  [
    7,
    `select counterparty_id, counterparty_legal_name, currency_code, count(*) as late_payments,
            sum(payment_amount) as amount, min(payment_date::date) as oldest_payment_date,
            max((now() at time zone 'utc')::date - payment_date::date) as most_days_late
       from ${PAYMENTS}
      where not paid and payment_date::date < (now() at time zone 'utc')::date
        and payment_type_name = 'SALES_RECEIPT' group by 1, 2, 3 order by 7 desc, 1, 3`,
  ],
  [
    8,
    `select extract(year from payment_date::date)::int as year, extract(month from payment_date::date)::int as month,
            currency_code, coalesce(sum(payment_amount) filter (where direction > 0), 0) as money_in,
            coalesce(sum(payment_amount) filter (where direction < 0), 0) as money_out,
            sum(payment_amount * direction) as net
       from (select o.*, currency_code, case when payment_type_name in ('SALES_RECEIPT', 'PURCHASE_REFUND')
                                             then 1 else -1 end as direction from ${PAYMENTS}) payments
      where paid group by 1, 2, 3 order by 1, 2, 3`,
  ],
]);

test.each([...OF_SOURCE])('question %i has the same answer as the source', async (question, query) => {
  const rows = await answer(question);
  expect(rows.length).toBeGreaterThan(1);
  expect(rows).toEqual(await rowsOf(source(), query));
});

const parsed = async (question: number) => (await answer(question)).map((row) => JSON.parse(row));

test('the edited orders are those with several versions', async () => {
  const edited = (await parsed(9)).map(({ sales_order_id, versions }) => [sales_order_id, versions]);
  expect(edited).toEqual([
    [3, 3],
    [4, 2],
    [7, 2],
    [7, 2],
  ]);
  expect((await parsed(9))[0]).toMatchObject({ lowest_amount: 15, highest_amount: 18, versions_in_currency: 3 });
});

test('the amounts of an order whose currency was edited are not mixed', async () => {
  const versions = await source()`
    select currency_code, units_sold * 150 as amount from sales_order join currency using (currency_id)
     where sales_order_id = 7`;
  const found = (await parsed(9)).filter(({ sales_order_id }) => sales_order_id === 7);
  const now = found.filter(({ currency_code }) => currency_code === versions[0]!.currency_code);
  expect(now).toMatchObject([{ versions_in_currency: 1, lowest_amount: Number(versions[0]!.amount) }]);
  for (const { lowest_amount, highest_amount } of found) expect(lowest_amount).toBe(highest_amount);
});

test('the columns that people edit are counted', async () => {
  expect(await parsed(10)).toEqual([
    { column_name: 'agreed_delivery_date', changes: 3 },
    { column_name: 'currency_id', changes: 1 },
    { column_name: 'unit_price', changes: 1 },
    { column_name: 'units_sold', changes: 1 },
  ]);
});

test('a postponed delivery is counted from the day that was agreed first', async () => {
  expect((await parsed(11)).filter(({ sales_order_id }) => sales_order_id === 3)).toMatchObject([
    { agreed_first: '2024-01-10', agreed_now: '2024-01-20', days_later: 10 },
  ]);
});

test('a deleted order has its last amount; one that came back is not deleted', async () => {
  expect(await parsed(12)).toMatchObject([{ sales_order_id: 5, amount: 15 }]);
});

test('every question has the same answer on the masked views, without the names of staff', async () => {
  const masked = await createMaskedRole(pipeline.warehouse);
  try {
    for (const [question, query] of questions) {
      const hidden = (await answer(question)).map((row) =>
        row.replace(/"(first|last)_name": "[^"]*"/g, '"$1_name": "***"'),
      );
      const rows = await masked.sql.unsafe(`select to_jsonb(q)::text as row from (${query}) q`);
      expect({ question, rows: rows.map(({ row }) => row) }).toEqual({ question, rows: hidden });
    }
  } finally {
    await masked.drop();
  }
});
