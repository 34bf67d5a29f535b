/** A row with its integer key. */
export interface KeyedRow {
  readonly key: number;
}

/** Walks two streams that rise by key side by side and gives each key once, with the row of either side that has it. */
export async function* mergeRows<L extends KeyedRow, R extends KeyedRow>(
  left: AsyncIterable<readonly L[]>,
  right: AsyncIterable<readonly R[]>,
): AsyncGenerator<{ key: number; left: L | undefined; right: R | undefined }> {
  const lefts = readAhead(left);
  const rights = readAhead(right);
  try {
    let [one, other] = [await lefts.next(), await rights.next()];
    while (one || other) {
      const key = Math.min(one?.key ?? Number.POSITIVE_INFINITY, other?.key ?? Number.POSITIVE_INFINITY);
      const pair = { key, left: one?.key === key ? one : undefined, right: other?.key === key ? other : undefined };
      yield pair;
      // A chunk at hand gives its next row without a promise: a million rows are a million turns less.
      if (pair.left) one = lefts.peek() ?? (await lefts.next());
      if (pair.right) other = rights.peek() ?? (await rights.next());
    }
  } finally {
    await Promise.all([lefts.close(), rights.close()]);
  }
}

function readAhead<T>(chunks: AsyncIterable<readonly T[]>) {
  const iterator = chunks[Symbol.asyncIterator]();
  let chunk: readonly T[] = [];
  let index = 0;
  const peek = (): T | undefined => chunk[index++];
  return {
    peek,
    next: async (): Promise<T | undefined> => {
      for (;;) {
        const row = peek();
        if (row !== undefined) return row;
        const { done, value } = await iterator.next();
        if (done) return undefined;
        chunk = value;
        index = 0;
      }
    },
    close: async () => {
      await iterator.return?.();
    },
  };
}
