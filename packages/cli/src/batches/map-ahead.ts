/** Maps items as they come, up to `width` of them at the same time, and gives what becomes of each in the items' order. */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  width: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const ahead: Promise<R>[] = [];
  for await (const item of items) {
    const mapped = map(item);
    // Its turn comes; until then a rejection must not count as unhandled.
    mapped.catch(() => {});
    ahead.push(mapped);
    if (ahead.length >= width) yield await ahead.shift()!;
  }
  for (const mapped of ahead) yield await mapped;
}
