import { bytesAt, exactText } from '@totesys/columns';
import { type ColumnType, isText, lakeColumn } from '@totesys/schema';
import type { Data } from 'apache-arrow';
import type { ObjectPart } from '../manifests/manifest.ts';
import type { Store } from '../stores/store.ts';
import { readPart, sha256Of } from './part.ts';

/** The longest text that {@link readPartTexts} returns as it is, not as its hash: bytes of UTF-8. */
export const LONGEST_PART_TEXT = 65_536;

/** Values of a row by column, each as Postgres writes it. */
export type RowTexts = Readonly<Record<string, string | null>>;

/**
 * Reads the rows of a part as texts, at most `most` at once. A warehouse column comes from the lake column of it. In
 * place of a text over {@link LONGEST_PART_TEXT} comes its SHA-256 in hex, so that long texts need no memory.
 */
export async function* readPartTexts(
  store: Store,
  part: ObjectPart,
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  most: number,
): AsyncGenerator<RowTexts[]> {
  for await (const rows of readPart(store, part)) {
    const read = columns.map(({ name, type }) => {
      const data = rows.getChild(lakeColumn({ name, type }).name)!.data[0]!;
      return (row: number) => [name, boundedText(type, data, row)] as const;
    });
    for (let from = 0; from < rows.numRows; from += most) {
      const length = Math.min(most, rows.numRows - from);
      yield Array.from({ length }, (_, i) => Object.fromEntries(read.map((each) => each(from + i))));
    }
  }
}

function boundedText(type: ColumnType, data: Data, row: number): string | null {
  if (!isText(type) || !data.getValid(row)) return exactText(type, data, row);
  const bytes = bytesAt(data, row);
  return bytes.length > LONGEST_PART_TEXT ? sha256Of(bytes) : exactText(type, data, row);
}
