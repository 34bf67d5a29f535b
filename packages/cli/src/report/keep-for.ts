/** Returns the result of the last call while it is younger than `keptMs`; calls at the same time share one. */
export function keepFor<A extends unknown[], T>(
  keptMs: number,
  read: (...values: A) => Promise<T>,
): (...values: A) => Promise<T> {
  let kept: { readonly result: Promise<T>; readonly until: number } | undefined;
  return (...values) => {
    if (kept && performance.now() < kept.until) return kept.result;
    const result = read(...values);
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
