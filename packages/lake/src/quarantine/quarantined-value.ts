import { arrowSchema, Int64Builder, recordBatch, TextBuilder } from '@totesys/columns';
import { bigint, text } from '@totesys/schema';
import * as arrow from 'apache-arrow';
import type { KeySet } from '../keys/key-set.ts';
import { mayHoldKeys, readPartKeys } from '../keys/part-keys.ts';
import type { Manifest, ObjectPart } from '../manifests/manifest.ts';
import { readPart } from '../parts/part.ts';
import type { Store } from '../stores/store.ts';

/** A value that broke the contract, with its whole row, so that nothing of the row is lost. */
export interface QuarantinedValue {
  /** The key of the row in its source table. */
  readonly key: number;
  /** The warehouse table that transform derived the value for; undefined if ingest put the row into quarantine. */
  readonly warehouseTable?: string | undefined;
  /** The column of the source table. */
  readonly column: string;
  readonly reason: string;
  /** The exact text of the value; null if the value is null, unreadable or too long for the lakes. */
  readonly text: string | null;
  /** The row as JSON: the exact text of each column, and null in place of a text that is too long for the lakes. */
  readonly row: string;
}

type TextField = Exclude<keyof QuarantinedValue, 'key'>;

const KEY_COLUMN = 'key';
const COLUMN_OF: Readonly<Record<TextField, string>> = {
  warehouseTable: 'warehouse_table',
  column: 'column',
  reason: 'reason',
  text: 'text',
  row: 'row',
};
const FIELDS = Object.keys(COLUMN_OF) as TextField[];

/** Returns values as the rows of a quarantine part. Parts of the ingestion lake have no column `warehouse_table`. */
export function quarantineRows(lake: Manifest['kind'], values: readonly QuarantinedValue[]): arrow.RecordBatch {
  const fields = FIELDS.filter((field) => lake === 'processed' || field !== 'warehouseTable');
  const keys = new Int64Builder(new arrow.Int64());
  const texts = fields.map(() => new TextBuilder(new arrow.Utf8()));
  for (const value of values) {
    keys.append(value.key);
    fields.forEach((field, i) => {
      const written = value[field];
      if (written == null) texts[i]!.appendNull();
      else texts[i]!.append(written);
    });
  }
  const columns = fields.map((field) => ({ name: COLUMN_OF[field], type: text() }));
  return recordBatch(
    arrowSchema([{ name: KEY_COLUMN, type: bigint() }, ...columns]),
    [keys, ...texts].map((builder) => builder.finish()),
    values.length,
  );
}

/** Reads the quarantined values of a part; with `among`, those of the rows with these keys. */
export async function* readQuarantine(
  store: Store,
  part: ObjectPart,
  among?: KeySet,
): AsyncGenerator<QuarantinedValue> {
  if (among && !(await mayHoldKeys(store, part, KEY_COLUMN, among))) return;
  for await (const rows of readPart(store, part)) {
    const keys = rows.getChild(KEY_COLUMN)!;
    const [warehouseTable, column, reason, value, row] = FIELDS.map((field) => rows.getChild(COLUMN_OF[field]));
    for (let at = 0; at < rows.numRows; at++) {
      const key = Number(keys.get(at));
      if (among && !among.has(key)) continue;
      yield {
        key,
        warehouseTable: warehouseTable?.get(at) ?? undefined,
        column: column!.get(at),
        reason: reason!.get(at),
        text: value!.get(at),
        row: row!.get(at),
      };
    }
  }
}

/** Reads the keys of the rows in quarantine parts. */
export function readQuarantinedKeys(store: Store, parts: Iterable<ObjectPart>): Promise<KeySet> {
  return readPartKeys(store, parts, KEY_COLUMN);
}
