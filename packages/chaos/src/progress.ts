import { takesEscapes } from '@totesys/cli';
import { Presets, SingleBar } from 'cli-progress';
import type { ChaosRun } from './try-seed.ts';

/** Trials between two lines where nobody looks on: a log shows that it goes on. */
const LINE_TRIALS = 50;

/** A bar on stderr where a person looks on, a line now and then where none does. */
export function openProgress(): ChaosRun['progress'] & { stop(): void } {
  let expected = 0;
  let done = 0;
  if (!takesEscapes(process.stderr)) {
    const tell = () => process.stderr.write(`${done} of ${expected} trials\n`);
    return {
      expect: (trials) => {
        expected += trials;
      },
      done: () => {
        if (++done % LINE_TRIALS === 0) tell();
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
