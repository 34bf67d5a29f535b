import { Presets, SingleBar } from 'cli-progress';
import type { ChaosRun } from './try-seed.ts';

/** A bar on stderr, where a person looks on. */
export function openProgress(): ChaosRun['progress'] & { stop(): void } {
  if (process.stderr.isTTY !== true) return { expect: () => {}, done: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: 'chaos [{bar}] {value} of {total} trials · {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.legacy,
  );
  let total = 0;
  bar.start(1, 0);
  return {
    expect: (trials) => {
      total += trials;
      bar.setTotal(total);
    },
    done: () => bar.increment(),
    stop: () => bar.stop(),
  };
}
