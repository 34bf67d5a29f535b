import { CommanderError } from 'commander';
import { createProgram } from './program.ts';
import { complain, ExitCode } from './run-command.ts';
import { openTerminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

// A process list shows the command, never the URLs that stand behind it.
process.title = `totesys ${process.argv[2]?.startsWith('-') ? '' : (process.argv[2] ?? '').slice(0, 20)}`.trim();

// Who has read enough, as `head` has, hears no more: the work goes on, and the exit code is its own.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

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
    exitCode = complain(new UsageError(`${error.message.replace(/^error: |\.$/g, '')}. See totesys --help.`), terminal);
  } else {
    exitCode = complain(error, terminal);
  }
}
// Output may still wait in a pipe: let it go out, but let no stray handle keep the process.
process.exitCode = exitCode;
process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
