import { accessSync, constants } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { ExitCode, openTerminal, type Terminal } from '@totesys/cli';
import { withSandbox } from '@totesys/sandbox';
import { type ChaosWish, parseChaosOptions } from './chaos-options.ts';
import { openProgress } from './progress.ts';
import { replay } from './replay.ts';
import { drawSummary, Tally } from './summary.ts';
import { tryBuckets } from './try-buckets.ts';
import { tryRestarts } from './try-restarts.ts';
import { type ChaosRun, trySeed } from './try-seed.ts';

/** Where Linux keeps files in memory: nothing here must outlast the machine, and thousands of small lakes are written. */
const MEMORY = '/dev/shm';
/** More worlds than this at once keep one process from doing its part. */
const MOST_LANES = 4;

/** `make chaos`: kills every stage between its effects, lets its stores and databases fail, and reconciles after each. */
export function chaos(options: Readonly<Record<string, unknown>>): Promise<number> {
  const wish = parseChaosOptions(options);
  const terminal = openTerminal({ json: wish.json, verbose: false });
  const startedMs = performance.now();
  return withSandbox(
    'chaos',
    async ({ cluster, folder, interrupted }) => {
      const tally = new Tally();
      const progress = openProgress();
      const finish = (skipped: readonly string[]) => {
        progress.stop();
        report(terminal, wish, tally, { skipped, isInterrupted: interrupted.aborted, startedMs });
      };
      interrupted.addEventListener('abort', () => finish(['what was left when it was interrupted']), { once: true });
      const skipped = await tryAll({ ...wish, cluster, folder, tally, progress }, wish);
      if (!interrupted.aborted) finish(skipped);
      return tally.failures.length === 0 ? ExitCode.done : ExitCode.wrong;
    },
    isWritable(MEMORY) ? MEMORY : tmpdir(),
  );
}

// Gives what could not be tried here.
async function tryAll(run: ChaosRun, { seeds, point, fault, inBucket }: ChaosWish): Promise<string[]> {
  if (typeof point === 'number' && inBucket) return tryBuckets(run, seeds, { point, fault });
  if (point !== undefined) {
    await replay(run, seeds[0]!, point, fault);
    return [];
  }
  const skipped: string[] = [];
  const lanes = Math.min(MOST_LANES, Math.max(2, availableParallelism()));
  // Few seeds are tried each in several copies of its world at once.
  const copies = seeds.length < lanes ? lanes : 1;
  const works = seeds.map((seed) => () => trySeed(run, seed, copies));
  if (run.extent !== 'short') {
    works.unshift(
      () => tryRestarts(run, seeds),
      async () => void skipped.push(...(await tryBuckets(run, seeds))),
    );
  }
  const workers = Array.from({ length: lanes }, async () => {
    for (let work = works.shift(); work !== undefined; work = works.shift()) await work();
  });
  await Promise.all(workers);
  return skipped;
}

function report(
  terminal: Terminal,
  { seeds }: ChaosWish,
  tally: Tally,
  { skipped, isInterrupted, startedMs }: { skipped: readonly string[]; isInterrupted: boolean; startedMs: number },
): void {
  const { failures, missed } = tally;
  for (const { label, replay: again, differences } of failures) {
    terminal.say(`\n${label}:`);
    for (const difference of differences) terminal.say(`  ${difference}`);
    terminal.say(`  again by: ${again}`);
  }
  const rows = tally.summarize();
  terminal.say(drawSummary(rows));
  for (const label of missed) terminal.say(`Not reached: ${label}`);
  for (const reason of skipped) terminal.say(`Not tried: ${reason}`);
  terminal.say(
    `${seeds.length === 1 ? `Seed ${seeds[0]}` : `${seeds.length} seeds`} in ${Math.round((performance.now() - startedMs) / 1000)} s.`,
  );
  terminal.answer({
    ok: failures.length === 0 && !isInterrupted,
    isInterrupted,
    command: 'chaos',
    seeds,
    rows,
    failures,
    missed,
    skipped,
  });
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
