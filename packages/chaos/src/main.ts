import { runProgram } from '@totesys/cli';
import { Command } from 'commander';
import { chaos } from './chaos.ts';
import { stageProcess } from './stage-process.ts';

/** Runs the `totesys-chaos` command. */
export function main(): void {
  runProgram(
    ({ setExitCode, writeUsage }) => {
      const program = new Command('totesys-chaos')
        .description(
          'Kills each stage between its effects, makes its stores and databases fail, and reconciles after each trial.',
        )
        .option('--json', 'end stdout with one JSON object')
        .configureOutput({ writeErr: writeUsage })
        .exitOverride();
      program
        .command('try', { isDefault: true })
        .description('try the points of one or more seeds (the default command)')
        .option('--seeds <n>', 'the number of seeds, from 1; each is another simulated source')
        .option('--seed <n>', 'only this seed')
        .option('--point <n>', 'one point of the seed, by its number')
        .option('--at <text>', 'the first point whose name begins with the text')
        .option('--fault <name>', 'the fault at that point')
        .option('--bucket', 'the point is a request to an emulated bucket')
        .option('--hints <mode>', 'only runs with this mode of change hints: off, shadow or slot')
        .option('--quiet', 'only runs that find no change, and release the WAL of the slot')
        .option('--bug <name>', 'plant a bug, to prove that the kit finds it')
        .option('--all', 'every point of each seed')
        .option('--short', 'one point of each kind')
        .action(async (_options, self: Command) => setExitCode(await chaos(self.optsWithGlobals())));
      program
        .command('stage')
        .description('run stages in a process that may be killed (for `try`; the order is in the environment)')
        .action(async () => setExitCode(await stageProcess()));
      return program;
    },
    () => {},
  );
}
