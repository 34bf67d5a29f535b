import { executeCommand, type GlobalOptions, runProgram } from '@totesys/cli';
import { Argument, Command } from 'commander';
import { bench } from './bench.ts';
import { measureFloor } from './measure-floor.ts';

/** Runs the `totesys-bench` command. */
export function main(): void {
  runProgram(
    ({ interrupted, setExitCode, writeUsage }) => {
      const program = new Command('totesys-bench')
        .description(
          'Measures each stage beside the floor: the time of Postgres alone for the same rows in the same run.',
        )
        .option('--json', 'end stdout with one JSON object')
        .configureOutput({ writeErr: writeUsage })
        .exitOverride();
      program
        .command('stages', { isDefault: true })
        .description('measure every stage (the default command)')
        .option('--rows <n>', 'the number of sales orders', '2000000')
        .action(async (_options, self: Command) => setExitCode(await bench(self.optsWithGlobals())));
      program
        .command('floor')
        .addArgument(new Argument('<side>').choices(['read', 'scan', 'write']))
        .argument('[file]', 'the file to write from')
        .description('measure one floor: read, scan or write')
        .action(async (...given: unknown[]) => {
          const self = given.at(-1) as Command;
          const options = self.optsWithGlobals<GlobalOptions>();
          const needs = ['source', 'warehouse'] as const;
          setExitCode(await executeCommand({ needs, run: measureFloor }, { options, names: self.args, interrupted }));
        });
      return program;
    },
    () => {},
  );
}
