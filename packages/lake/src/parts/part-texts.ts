import { exactText } from '@totesys/columns';
import { type ColumnType, lakeColumn } from '@totesys/schema';
import type { ObjectPart } from '../manifests/manifest.ts';
import type { Store } from '../stores/store.ts';
import { readPart } from './part.ts';

/** Values of a row by column, each as Postgres writes it. */
export type RowTexts = Readonly<Record<string, string | null>>;

/** Reads the rows of a part as texts, at most `most` at once. A warehouse column comes from the lake column of it. */
export async function* readPartTexts(
  store: Store,
  part: ObjectPart,
  columns: readonly { readonly name: string; readonly type: ColumnType }[],
  most: number,
): AsyncGenerator<RowTexts[]> {
  for await (const rows of readPart(store, part)) {
    const read = columns.map(({ name, type }) => {
      const data = rows.getChild(lakeColumn({ name, type }).name)!.data[0]!;
      return (row: number) => [name, exactText(type, data, row)] as const;
    });
    for (let from = 0; from < rows.numRows; from += most) {
      const length = Math.min(most, rows.numRows - from);
      yield Array.from({ length }, (_, i) => Object.fromEntries(read.map((each) => each(from + i))));
    }
  }
}
