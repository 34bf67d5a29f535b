import { arrowSchema, Int64Builder, recordBatch } from '@totesys/columns';
import type { KeySet } from '@totesys/lake';
import { bigint as int64, integer, type SourceTable } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/** Ranges or keys in one part, which is encoded in memory at once. */
const PART_RANGES = 1_000_000;

const COLUMNS = { 'known-keys': ['first', 'last'], 'window-pairs': ['transaction_id', 'first', 'last'] };

/** Known keys, or the keys of each transaction. */
export type RangeKind = keyof typeof COLUMNS;

/** Builds the Arrow data of ranges, for one part after another. */
export function* rangeRows(kind: RangeKind, ranges: Iterable<readonly number[]>): Generator<arrow.RecordBatch> {
  const schema = arrowSchema(COLUMNS[kind].map((name) => ({ name, type: int64() })));
  const builders = COLUMNS[kind].map(() => new Int64Builder(new arrow.Int64()));
  const finish = () => {
    const { length } = builders[0]!;
    const children = builders.map((builder) => builder.finish());
    return recordBatch(schema, children, length);
  };
  for (const range of ranges) {
    range.forEach((value, i) => {
      builders[i]!.append(value);
    });
    if (builders[0]!.length === PART_RANGES) yield finish();
  }
  if (builders[0]!.length > 0) yield finish();
}

/** Builds the Arrow data of a table's keys, for one part after another. */
export function* keyRows({ key, columns }: SourceTable, keys: KeySet): Generator<arrow.RecordBatch> {
  const isBig = columns[key]!.type.kind === 'bigint';
  const schema = arrowSchema([{ name: key, type: isBig ? int64() : integer() }]);
  for (const chunk of keys.chunks(PART_RANGES)) {
    const values = isBig ? BigInt64Array.from(chunk, BigInt) : Int32Array.from(chunk);
    yield recordBatch(schema, [arrow.makeVector(values).data[0]!], chunk.length);
  }
}
