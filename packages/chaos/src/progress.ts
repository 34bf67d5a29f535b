import { takesEscapes } from '@totesys/cli';
import { Presets, SingleBar } from 'cli-progress';
import type { ChaosRun } from './try-seed.ts';

/** The number of trials between two lines of a log. */
const LINE_TRIALS = 50;

/** Shows progress on stderr: a bar in a terminal, lines in a log. */
export function openProgress(): ChaosRun['progress'] & { stop(): void } {
  let expected = 0;
  let done = 0;
  if (!takesEscapes(process.stderr)) {
    const report = () => process.stderr.write(`${done} of ${expected} trials\n`);
    return {
      expect: (trials) => {
        expected += trials;
      },
      done: () => {
        if (++done % LINE_TRIALS === 0) report();
      },
      stop: () => {},
    };
  }
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format: 'chaos [{bar}] {value} of {total} trials · {eta_formatted} left',
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.legacy,
  );
  bar.start(1, 0);
  return {
    expect: (trials) => {
      expected += trials;
      bar.setTotal(expected);
    },
    done: () => bar.increment(),
    stop: () => bar.stop(),
  };
}
