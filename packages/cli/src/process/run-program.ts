import { type Command, CommanderError } from 'commander';
import { hasAnswered, openTerminal } from '../terminal/terminal.ts';
import { describeUsage } from './describe-usage.ts';
import { complain, ExitCode, Interrupted } from './execute-command.ts';
import { listenForInterruption } from './listen-for-signals.ts';
import { UsageError } from './usage-error.ts';
import { type Output, outliveReaders } from './watch-output.ts';

/** Makes the parser of a command line: `interrupted` stops what it runs, `finish` gets the exit code, `complain` what the parser says of a wrong call. */
export type CreateProgram = (
  interrupted: AbortSignal,
  finish: (exitCode: number) => void,
  complain: (text: string) => void,
) => Command;

/** Runs a program to its exit: every path has one exit code and, where `--json` asks for it, one JSON object. Calls `handOver` once its own signal handlers are installed. */
export function runProgram(createProgram: CreateProgram, handOver: () => void): void {
  const output = outliveReaders();
  const terminal = openTerminal({ json: asksForJson(process.argv), verbose: false });
  const fail = (error: unknown) => leave(hasAnswered() ? ExitCode.wrong : complain(error, terminal), output);
  const interrupted = listenForInterruption(() => {
    if (!hasAnswered()) complain(new Interrupted(), terminal);
    process.exit(ExitCode.interrupted);
  });
  handOver();
  process.on('uncaughtException', fail);
  // The event loop is empty and the command has not ended: what it waits for will never come.
  process.once('beforeExit', () => fail(new Error('The command waits for something that never comes.')));
  run(createProgram, interrupted).then((exitCode) => {
    // What only `make` calls answers in its own way.
    if (!hasAnswered() && !isText) terminal.answer({ ok: exitCode === ExitCode.done });
    leave(exitCode, output);
  }, fail);
}

/** Whether the parser has answered with help or a version, which are text. */
let isText = false;

async function run(createProgram: CreateProgram, interrupted: AbortSignal): Promise<number> {
  let exitCode: number = ExitCode.done;
  let said = '';
  const program = createProgram(
    interrupted,
    (code) => {
      exitCode = code;
    },
    (text) => {
      said += text;
    },
  );
  try {
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) {
      isText = true;
      return ExitCode.done;
    }
    if (error.code !== 'commander.help') throw describeUsage(error, process.argv);
    // A group without one of its commands: the parser has said the group's own help.
    process.stderr.write(said);
    throw new UsageError('No command is given: expected one of those above.');
  }
}

// An option that is given a value it does not take asks for JSON all the same.
function asksForJson(args: readonly string[]): boolean {
  return args.some((argument) => argument === '--json' || argument.startsWith('--json='));
}

// Output may still wait in a pipe: let it go out, and a fault of it be told, but let no stray handle keep the process.
function leave(exitCode: number, output: Output): void {
  process.exitCode = exitCode;
  process.stdout.write('', () => setImmediate(end));

  function end(): void {
    if (output.fault !== undefined) {
      exitCode ||= ExitCode.wrong;
      process.stderr.write(`totesys: What it found cannot be written to its output (${output.fault}).\n`);
    }
    process.stderr.write('', () => process.exit(exitCode));
  }
}
