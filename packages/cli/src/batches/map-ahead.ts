/** Maps items, up to `width` of them at the same time, and yields the results in the order of the items. */
export async function* mapAhead<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  width: number,
  map: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const ahead: Promise<R>[] = [];
  for await (const item of items) {
    const mapped = map(item);
    // It is awaited later; until then a rejection must not count as unhandled.
    mapped.catch(() => {});
    ahead.push(mapped);
    if (ahead.length >= width) yield await ahead.shift()!;
  }
  for (const mapped of ahead) yield await mapped;
}
