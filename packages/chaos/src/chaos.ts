import { accessSync, constants } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { ExitCode, openTerminal, type Terminal } from '@totesys/cli';
import { withSandbox } from '@totesys/sandbox';
import { type ChaosOptions, parseChaosOptions } from './chaos-options.ts';
import { openProgress } from './progress.ts';
import { replay } from './replay.ts';
import { hintModeOf, type SourceChoice } from './source-choice.ts';
import { drawSummary, Tally } from './summary.ts';
import { tryBuckets } from './try-buckets.ts';
import { tryRestarts } from './try-restarts.ts';
import { type ChaosRun, trySource } from './try-seed.ts';

/** The folder of Linux that is in memory: a run writes thousands of small lakes, and keeps none of them. */
const MEMORY = '/dev/shm';
/** The most simulated sources at once: with more, a stage's process may reach its time limit. */
const MOST_AT_ONCE = 4;

/**
 * Runs `make chaos`: kills each stage between its effects, makes its stores and databases fail, and reconciles after
 * each trial.
 */
export function chaos(given: Readonly<Record<string, unknown>>): Promise<number> {
  const options = parseChaosOptions(given);
  const terminal = openTerminal({ json: options.json, verbose: false });
  const startedMs = performance.now();
  return withSandbox(
    'chaos',
    async ({ cluster, folder, interrupted }) => {
      const tally = new Tally();
      const progress = openProgress();
      const finish = (skipped: readonly string[]) => {
        progress.stop();
        report(terminal, options, tally, { skipped, isInterrupted: interrupted.aborted, startedMs });
      };
      interrupted.addEventListener('abort', () => finish(['the trials that remained when the run was interrupted']), {
        once: true,
      });
      const skipped = await tryAll({ ...options, cluster, folder, tally, progress }, options);
      if (!interrupted.aborted) finish(skipped);
      return tally.failures.length === 0 ? ExitCode.done : ExitCode.wrong;
    },
    { parent: isWritable(MEMORY) ? MEMORY : tmpdir() },
  );
}

// Returns what could not be tried on this machine.
async function tryAll(run: ChaosRun, options: ChaosOptions): Promise<string[]> {
  const { seeds, point, fault, inBucket } = options;
  if (typeof point === 'number' && inBucket) return tryBuckets(run, seeds, { point, fault });
  if (point !== undefined) {
    await replay(run, replayed(options), point, fault);
    return [];
  }
  const skipped: string[] = [];
  const choices = seeds.flatMap((seed) => choicesOf(seed, options));
  const atOnce = Math.min(MOST_AT_ONCE, Math.max(2, availableParallelism()));
  const works = choices.map((choice) => () => trySource(run, choice, copiesOf(choice, seeds.length, atOnce)));
  if (run.extent !== 'short') {
    works.unshift(
      ...choicesOf(seeds[0]!, options)
        .filter(({ isQuiet }) => !isQuiet)
        .map((choice) => () => tryRestarts(run, choice, seeds.length)),
    );
    if (choices.some(({ mode }) => mode === 'off'))
      works.unshift(async () => void skipped.push(...(await tryBuckets(run, seeds))));
  }
  const workers = Array.from({ length: atOnce }, async () => {
    for (let work = works.shift(); work !== undefined; work = works.shift()) await work();
  });
  await Promise.all(workers);
  return skipped;
}

// A few seeds get several copies of their source each, so that all processors work.
function copiesOf({ mode, isQuiet }: SourceChoice, seeds: number, atOnce: number): number {
  if (seeds >= atOnce || isQuiet) return 1;
  return mode === 'off' ? atOnce : Math.ceil(atOnce / 2);
}

// A seed has a source without change hints, one with them, and one whose slot keeps WAL beside no change.
function choicesOf(seed: number, { hints, isQuiet }: ChaosOptions): SourceChoice[] {
  const mode = hints ?? hintModeOf(seed);
  if (mode === 'off') return [{ seed, mode }];
  const hinted: SourceChoice[] = [
    { seed, mode },
    { seed, mode, isQuiet: true },
  ];
  const chosen = isQuiet ? hinted.slice(1) : hinted;
  return hints === undefined && !isQuiet ? [{ seed, mode: 'off' }, ...chosen] : chosen;
}

function replayed({ seeds, hints, isQuiet }: ChaosOptions): SourceChoice {
  const seed = seeds[0]!;
  return { seed, mode: hints ?? (isQuiet ? hintModeOf(seed) : 'off'), isQuiet };
}

function report(
  terminal: Terminal,
  { seeds }: ChaosOptions,
  tally: Tally,
  { skipped, isInterrupted, startedMs }: { skipped: readonly string[]; isInterrupted: boolean; startedMs: number },
): void {
  const { failures, missed } = tally;
  for (const { label, replay: again, differences } of failures) {
    terminal.print(`\n${label}:`);
    for (const difference of differences) terminal.print(`  ${difference}`);
    terminal.print(`  run it again: ${again}`);
  }
  const rows = tally.summarize();
  terminal.print(drawSummary(rows));
  for (const label of missed) terminal.print(`Not reached: ${label}`);
  for (const reason of skipped) terminal.print(`Not tried: ${reason}`);
  const tried = seeds.length === 1 ? `Seed ${seeds[0]}` : `${seeds.length} seeds`;
  const { points, hinted } = tally.countPoints();
  const took = `${Math.round((performance.now() - startedMs) / 1000)} s`;
  terminal.print(`${tried} in ${took}; ${hinted} of ${points} points had change hints.`);
  terminal.printJson({
    ok: failures.length === 0 && !isInterrupted,
    isInterrupted,
    command: 'chaos',
    seeds,
    rows,
    hintedPoints: hinted,
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
