import { totesysModel } from '@totesys/schema';
import { findUnknownIds, highestRecordIds } from '../src/index.ts';

const known = { fact_sales_order: 5, fact_payment: null };

describe('record ids that the ledger does not know', () => {
  test.each([
    ['are none if the facts end with the last ones of the ledger', { fact_sales_order: 5 }, []],
    ['are none if the facts have fewer rows than the ledger knows', { fact_sales_order: null }, []],
    [
      'are above the last one of the ledger',
      { fact_sales_order: 6 },
      [{ fact: 'fact_sales_order', batch: 2, highest: 6, known: 5 }],
    ],
    [
      'are all of a fact of which the ledger knows no row, even negative ones',
      { fact_payment: -3 },
      [{ fact: 'fact_payment', batch: 2, highest: -3, known: 0 }],
    ],
  ])('%s', (_what, highest, expected) => {
    expect(findUnknownIds(totesysModel, { batch: 2, known, highest })).toEqual(expected);
  });

  test('cannot be found in a ledger from before it kept record ids', () => {
    expect(findUnknownIds(totesysModel, { batch: 2, known: undefined, highest: { fact_payment: 9 } })).toEqual([]);
  });
});

test('the highest record id of each fact is one look-up in its primary key', () => {
  expect(highestRecordIds(totesysModel)).toContain(
    `'fact_payment', (select max("payment_record_id") from public."fact_payment")`,
  );
});
