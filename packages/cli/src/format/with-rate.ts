/** Formats a count with its rate since `startedMs`, a time of `performance.now()`: `2,000 rows, 500 rows/s`. */
export function withRate(count: number, unit: string, startedMs: number): string {
  const seconds = Math.max((performance.now() - startedMs) / 1000, 0.001);
  return `${count.toLocaleString('en')} ${unit}, ${Math.round(count / seconds).toLocaleString('en')} ${unit}/s`;
}
