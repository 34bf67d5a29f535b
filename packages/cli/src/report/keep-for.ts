/** Returns the result of the last call while it is younger than `keptMs`; calls at the same time share one. */
export function keepFor<T>(keptMs: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { readonly result: Promise<T>; readonly until: number } | undefined;
  return () => {
    if (kept && performance.now() < kept.until) return kept.result;
    const result = read();
    const mine = { result, until: Number.POSITIVE_INFINITY };
    kept = mine;
    const settle = (until: number) => {
      if (kept === mine) kept = { result, until };
    };
    result.then(
      () => settle(performance.now() + keptMs),
      () => settle(0),
    );
    return result;
  };
}
