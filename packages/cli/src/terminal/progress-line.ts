import type { Terminal } from './terminal.ts';

/** The interval between two lines of progress: milliseconds. */
const EVERY_MS = 5_000;

/** Returns a function that logs a line of progress, at most one every five seconds. */
export function progressLine(terminal: Terminal): (describe: () => string) => void {
  let nextMs = performance.now() + EVERY_MS;
  return (describe) => {
    if (performance.now() < nextMs) return;
    nextMs = performance.now() + EVERY_MS;
    terminal.log(describe());
  };
}
