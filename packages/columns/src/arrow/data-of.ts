import type * as arrow from 'apache-arrow';

/** Returns the data of a column of a record batch. */
export function dataOf(rows: arrow.RecordBatch, name: string): arrow.Data {
  const data = rows.getChild(name)?.data[0];
  if (!data)
    throw new Error(`A record batch has no column '${name}': expected one of ${rows.schema.names.join(', ')}.`);
  return data;
}
