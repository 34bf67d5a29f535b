import { arrowSchema, Int64Builder, TextBuilder } from '@totesys/lake';
import { bigint, text } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import type { BrokenValue } from './derive-rows.ts';

/** The columns of a quarantine part. */
const COLUMNS = [
  { name: 'key', type: bigint() },
  ...['warehouse_table', 'column', 'reason', 'text', 'row'].map((name) => ({ name, type: text() })),
];

/** Broken values as rows: their key, where they were meant for, the source column, the reason, the exact text and the whole row. */
export function quarantineRows(values: readonly BrokenValue[]): arrow.RecordBatch {
  const keys = new Int64Builder(new arrow.Int64());
  const texts = Array.from({ length: COLUMNS.length - 1 }, () => new TextBuilder(new arrow.Utf8()));
  for (const { key, warehouseTable, column, reason, text, row } of values) {
    keys.append(key);
    [warehouseTable, column, reason, text, row].forEach((field, i) => {
      if (field === null) texts[i]!.appendNull();
      else texts[i]!.append(field);
    });
  }
  const schema = arrowSchema(COLUMNS);
  const children = [keys.finish(), ...texts.map((builder) => builder.finish())];
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: values.length, nullCount: 0, children });
  return new arrow.RecordBatch(schema, data);
}
