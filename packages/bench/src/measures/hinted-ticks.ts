import { TOTESYS } from '../programs.ts';
import { runScript } from '../source/run-script.ts';
import type { BenchContext } from './bench-context.ts';
import { runCommand } from './run-command.ts';
import { makeTick, measureTicks, type Ticking } from './ticks.ts';

/** A hint is trusted from the second batch after the set-up on; one more run advances the slot. */
const WARM_UP_RUNS = 3;

/**
 * Measures ticks that follow change hints, and removes the hints afterwards: a server has one slot, so its sources are
 * measured in turn.
 */
export async function measureHintedTicks(context: BenchContext, ticking: Omit<Ticking, 'options'>): Promise<void> {
  const hinted: Ticking = { ...ticking, group: `${ticking.group} with hints`, options: ['--hints', 'slot'] };
  await runHintsSql(context, 'setup', hinted);
  try {
    for (let run = 0; run < WARM_UP_RUNS; run++) await makeTick(context, hinted);
    await measureTicks(context, hinted);
  } finally {
    await runHintsSql(context, 'remove', hinted);
  }
}

async function runHintsSql(
  context: BenchContext,
  action: 'setup' | 'remove',
  { source, places }: Ticking,
): Promise<void> {
  const { result } = await runCommand(TOTESYS, ['hints', action], places, context);
  await runScript(source, String(result.sql));
}
