import {
  bigint,
  boolean,
  date,
  enumeration,
  integer,
  numeric,
  plainNumeric,
  text,
  time,
  timestamp,
  varchar,
} from '@totesys/schema';
import * as arrow from 'apache-arrow';
import { arrowSchema, arrowType, recordBatch } from '../../src/arrow/arrow-type.ts';
import { columnOf } from '../record-batch-of.ts';

test.each([
  [boolean(), 'Bool'],
  [integer(), 'Int32'],
  [bigint(), 'Int64'],
  [text(), 'Utf8'],
  [varchar(3), 'Utf8'],
  [enumeration('Odd', ['a']), 'Utf8'],
  [numeric(10, 2), 'Decimal[10e+2]'],
  [plainNumeric(20, 4), 'Decimal[20e+4]'],
  [date(), 'Date32<DAY>'],
  [time(), 'Int64'],
  [timestamp(3), 'Timestamp<MICROSECOND>'],
])('%j has the Arrow type %s', (type, name) => {
  expect(String(arrowType(type))).toBe(name);
});

test('a schema keeps the order of the columns, and each may be null', () => {
  const { fields } = arrowSchema([
    { name: 'b', type: integer() },
    { name: 'a', type: text() },
  ]);
  expect(fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['b', true],
    ['a', true],
  ]);
});

test('a record batch has the columns as its rows', () => {
  const schema = arrowSchema([
    { name: 'id', type: integer() },
    { name: 'name', type: text() },
  ]);
  const rows = recordBatch(schema, [columnOf(integer(), [1, 2]), columnOf(text(), ['a', null])], 2);
  expect(new arrow.Table([rows]).toArray().map((row) => row.toJSON())).toEqual([
    { id: 1, name: 'a' },
    { id: 2, name: null },
  ]);
});
