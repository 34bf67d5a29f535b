const NUMBER = new Intl.NumberFormat('en');

/** Formats a count, with commas; `–` for null. */
export function formatCount(count: number | null): string {
  return count === null ? '–' : NUMBER.format(count);
}

/** Formats a count with its noun in the right number. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : noun.endsWith('h') ? 'es' : 's'}`;
}

/** Formats a time in UTC to the second, given ISO 8601 without or with `Z`, or milliseconds since 1970. */
export function formatTime(time: string | number | null): string {
  if (time === null) return 'never';
  const text = typeof time === 'number' ? new Date(time).toISOString() : time;
  return `${text.slice(0, 19).replace('T', ' ')} UTC`;
}

/** Formats a duration given in milliseconds: `0.8 s`, `12 s`, `3 min`, `5 h`, `4 days`; `–` for null. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return '–';
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** Returns the milliseconds since 1970 of a source clock, which is UTC and has no zone. */
export function clockMs(clock: string): number {
  return Date.parse(clock.endsWith('Z') ? clock : `${clock.slice(0, 23)}Z`);
}

/** Returns the value below which a share of the values lies, by the nearest rank; null for no values. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}
