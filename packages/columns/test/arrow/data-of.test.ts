import { integer } from '@totesys/schema';
import { dataOf } from '../../src/arrow/data-of.ts';
import { recordBatchOf } from '../record-batch-of.ts';

const rows = recordBatchOf([{ name: 'id', type: integer() }], [{ id: 7 }]);

test('returns the data of a column', () => {
  expect(dataOf(rows, 'id').values[0]).toBe(7);
});

test('a column that the record batch lacks is an error with the names of the others', () => {
  expect(() => dataOf(rows, 'name')).toThrow("no column 'name': expected one of id");
});
