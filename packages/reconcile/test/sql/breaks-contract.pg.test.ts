import { createTestDatabase, type TestDatabase } from '@totesys/sandbox';
import { findSourceTable, totesysModel } from '@totesys/schema';
import { breaksContract } from '../../src/sql/breaks-contract.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ totesys: true });
});

afterAll(() => database.drop());

test.each([
  [`'2024-02-28'`, false],
  ['null::text', false],
  [`'2024-02-30'`, true],
  [`'2024-02-28' || chr(10)`, true],
  // More than Postgres compares with a pattern.
  [`repeat('x', 280 * 1000 * 1000)`, true],
])('a row whose dates are the text %s breaks the contract: %s', async (text, expected) => {
  const fact = totesysModel.warehouse.find(({ name }) => name === 'fact_sales_order');
  if (fact?.kind !== 'fact') throw new Error('The model has no fact_sales_order.');
  const dates = fact.columns.map(({ derivation }) => derivation.kind === 'parsedDate');
  const values = dates.map((isDate) => (isDate ? text : '1'));
  const broken = breaksContract(
    { ...fact, columns: fact.columns.map((each) => ({ ...each, nullable: true })) },
    findSourceTable(totesysModel, fact.source),
    values,
  );
  const rows = await database.sql.unsafe(`select ${broken} as broken from (select (null::sales_order).*) s`);
  expect(rows).toEqual([{ broken: expected }]);
});
