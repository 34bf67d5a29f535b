import type { Terminal } from './terminal.ts';

/** How often a long command says how far it is: milliseconds. */
const EVERY_MS = 5_000;

/** Says what it is told on stderr, every few seconds: for a person who waits, and for the log of whoever does not. */
export function progressLine(terminal: Terminal): (line: () => string) => void {
  let nextMs = performance.now() + EVERY_MS;
  return (line) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + EVERY_MS;
    terminal.complain(line());
  };
}

/** A number of things and how many a second these are since `startedMs`, a moment of `performance.now()`. */
export function withRate(count: number, unit: string, startedMs: number): string {
  const seconds = Math.max((performance.now() - startedMs) / 1000, 0.001);
  return `${count.toLocaleString('en')} ${unit}, ${Math.round(count / seconds).toLocaleString('en')} ${unit}/s`;
}
