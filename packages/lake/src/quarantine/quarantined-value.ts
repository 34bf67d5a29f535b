import { arrowSchema, Int64Builder, recordBatch, TextBuilder } from '@totesys/columns';
import { bigint, text } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/** What a row of quarantine says of a value: the key of its source row, and texts in the order of their columns. */
export interface QuarantineRow {
  readonly key: number;
  readonly texts: readonly (string | null)[];
}

/** Rows of quarantine: a column `key`, then a text column for each of `names`. */
export function quarantineRows(names: readonly string[], values: readonly QuarantineRow[]): arrow.RecordBatch {
  const keys = new Int64Builder(new arrow.Int64());
  const texts = names.map(() => new TextBuilder(new arrow.Utf8()));
  for (const value of values) {
    keys.append(value.key);
    value.texts.forEach((field, i) => {
      if (field === null) texts[i]!.appendNull();
      else texts[i]!.append(field);
    });
  }
  const schema = arrowSchema([{ name: 'key', type: bigint() }, ...names.map((name) => ({ name, type: text() }))]);
  return recordBatch(
    schema,
    [keys, ...texts].map((builder) => builder.finish()),
    values.length,
  );
}
