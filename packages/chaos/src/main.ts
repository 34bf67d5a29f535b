import { runProgram } from '@totesys/cli';
import { Command } from 'commander';
import { chaos } from './chaos.ts';
import { stageProcess } from './stage-process.ts';

/** Runs the `totesys-chaos` command. */
export function main(): void {
  runProgram(
    ({ setExitCode, writeUsage }) => {
      const program = new Command('totesys-chaos')
        .description('Kills each stage between its effects, lets what it works with fail, and reconciles after each.')
        .option('--json', 'end stdout with one JSON object')
        .configureOutput({ writeErr: writeUsage })
        .exitOverride();
      program
        .command('try', { isDefault: true })
        .description('try the points of one or more seeds')
        .option('--seeds <n>', 'how many seeds, from 1; each is a source that changes in its own way')
        .option('--seed <n>', 'this seed alone')
        .option('--point <n>', 'one point of the seed, by its number')
        .option('--at <text>', 'the first point whose name begins with the text')
        .option('--fault <name>', 'the fault at that point')
        .option('--bucket', 'the point is a request to an emulated bucket')
        .option('--bug <name>', 'plant a bug, to see that it is found')
        .option('--all', 'every point of each seed')
        .option('--short', 'one point of each kind')
        .action(async (_options, self: Command) => setExitCode(await chaos(self.optsWithGlobals())));
      program
        .command('stage')
        .description('run stages in a process that may be killed; the order is in the environment')
        .action(async () => setExitCode(await stageProcess()));
      return program;
    },
    () => {},
  );
}
