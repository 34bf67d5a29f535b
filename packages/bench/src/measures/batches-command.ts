import { type Command, runStages } from '@totesys/cli';
import type { Sql } from '@totesys/runtime';
import { makeChanges } from '../source/make-changes.ts';

/** Rounds of this command choose other rows than those of the ticks. */
const FIRST_ROUND = 1_000_000;

/** Runs `totesys-bench batches COUNT CHANGES`: makes batches of some changes each, all in this process. */
export const batchesCommand: Command = async (context, count = '0', changes = '0') => {
  const source = (await context.source()) as Sql;
  for (let batch = 0; batch < Number(count); batch++) {
    await makeChanges(source, Number(changes), FIRST_ROUND + batch);
    await runStages(context);
  }
  return { ok: true, command: 'bench-batches', batches: Number(count) };
};
