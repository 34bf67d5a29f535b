import { CommanderError } from 'commander';
import { describeUsage } from './describe-usage.ts';
import { outliveReaders } from './outlive-readers.ts';
import { createProgram } from './program.ts';
import { complain, ExitCode } from './run-command.ts';
import { openTerminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

const output = outliveReaders();
let exitCode: number = ExitCode.done;
let said = '';
const program = createProgram(
  (code) => {
    exitCode = code;
  },
  (text) => {
    said += text;
  },
);
try {
  await program.parseAsync();
} catch (error) {
  const terminal = openTerminal({ json: process.argv.includes('--json'), verbose: false });
  if (error instanceof CommanderError && error.exitCode === 0) exitCode = ExitCode.done;
  else if (error instanceof CommanderError && error.code === 'commander.help') {
    // A group without one of its commands: the parser has said the group's own help.
    process.stderr.write(said);
    exitCode = complain(new UsageError('No command is given: expected one of those above.'), terminal);
  } else if (error instanceof CommanderError) {
    exitCode = complain(describeUsage(error, process.argv), terminal);
  } else {
    exitCode = complain(error, terminal);
  }
}
// Output may still wait in a pipe: let it go out, and a fault of it be told, but let no stray handle keep the process.
process.exitCode = exitCode;
process.stdout.write('', () => setImmediate(end));

function end(): void {
  if (output.fault !== undefined) {
    exitCode ||= ExitCode.wrong;
    process.stderr.write(`totesys: What it found cannot be written to its output (${output.fault}).\n`);
  }
  process.stderr.write('', () => process.exit(exitCode));
}
