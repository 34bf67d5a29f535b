import { runProgram } from '@totesys/cli';
import { Command } from 'commander';
import { demo } from './demo.ts';

/** Runs the `totesys-demo` command. */
export function main(): void {
  runProgram(
    ({ setExitCode, writeUsage }) =>
      new Command('totesys-demo')
        .description('Loads 50,000 rows of a source into a warehouse, then five changes that polling loses.')
        .option('--keep', 'leave the databases running until Ctrl-C')
        .configureOutput({ writeErr: writeUsage })
        .exitOverride()
        .action(async (options) => setExitCode(await demo(options))),
    () => {},
  );
}
