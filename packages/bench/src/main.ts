import { executeCommand, type GlobalOptions, runProgram } from '@totesys/cli';
import { Command } from 'commander';
import { bench } from './bench.ts';
import { measureFloor } from './measure-floor.ts';

/** Runs the `totesys-bench` command. */
export function main(): void {
  runProgram(
    ({ interrupted, setExitCode, writeUsage }) => {
      const program = new Command('totesys-bench')
        .description('Each stage beside the least that Postgres takes for the same rows in the same run.')
        .option('--json', 'end stdout with one JSON object')
        .configureOutput({ writeErr: writeUsage })
        .exitOverride();
      program
        .command('stages', { isDefault: true })
        .description('measure every stage')
        .option('--rows <n>', 'sales orders', '2000000')
        .action(async (options) => setExitCode(await bench(options)));
      program
        .command('floor <side> [file]')
        .description('measure one floor, in a process of its own so that its memory can be read: read, scan or write')
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
