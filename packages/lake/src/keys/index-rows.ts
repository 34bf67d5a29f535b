import { arrowSchema, Int64Builder, recordBatch } from '@totesys/columns';
import { bigint } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import type { ObjectPart } from '../manifests/manifest.ts';
import { readPart } from '../parts/part.ts';
import type { Store } from '../stores/store.ts';

/**
 * Keys of a batch's rows: changed, context, deleted or in quarantine. The ranges may include other keys, but lack none.
 */
export interface BatchKeys {
  readonly first: number;
  readonly last: number;
  readonly batch: number;
}

// Engines that read whole folders would show the folder `batch=…` instead of a column `batch`.
const COLUMNS = { first: 'first', last: 'last', batch: 'in_batch' } as const;

/** Returns the rows of one index part: the columns `first`, `last` and `in_batch`. */
export function indexRows(keys: readonly BatchKeys[]): arrow.RecordBatch {
  const names = Object.values(COLUMNS);
  const builders = names.map(() => new Int64Builder(new arrow.Int64()));
  for (const { first, last, batch } of keys) {
    [first, last, batch].forEach((value, i) => {
      builders[i]!.append(value);
    });
  }
  const children = builders.map((builder) => builder.finish());
  return recordBatch(arrowSchema(names.map((name) => ({ name, type: bigint() }))), children, keys.length);
}

/** Reads the rows of one index part. */
export async function* readIndexRows(store: Store, part: ObjectPart): AsyncGenerator<BatchKeys> {
  for await (const rows of readPart(store, part)) {
    const columns = Object.values(COLUMNS).map((name) => rows.getChild(name)?.data[0]?.values as BigInt64Array);
    const [first, last, batch] = columns as [BigInt64Array, BigInt64Array, BigInt64Array];
    for (let row = 0; row < rows.numRows; row++) {
      yield { first: Number(first[row]), last: Number(last[row]), batch: Number(batch[row]) };
    }
  }
}
