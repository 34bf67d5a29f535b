import { type Command as Commander, CommanderError } from 'commander';
import { hasPrintedJson, openTerminal } from '../terminal/terminal.ts';
import { describeUsage } from './describe-usage.ts';
import { ExitCode } from './exit-code.ts';
import { Interrupted } from './interrupted.ts';
import { listenForSignals } from './listen-for-signals.ts';
import { reportError } from './report-error.ts';
import { UsageError } from './usage-error.ts';
import { type Output, watchOutput } from './watch-output.ts';

/** What the process offers to its program. */
export interface ProgramProcess {
  /** Aborted by the first signal to stop. */
  readonly interrupted: AbortSignal;
  setExitCode(exitCode: number): void;
  /** Takes what the parser of the command line would write to stderr. */
  writeUsage(text: string): void;
}

/** Creates the parser of the command line. */
export type CreateProgram = (process: ProgramProcess) => Commander;

/**
 * Runs a program until its process exits. Each way to end has one exit code and, with `--json`, one JSON object:
 * the program returns; it throws, or an error has no handler; a second signal arrives before the first has
 * stopped it; or nothing is left that could wake it.
 * Calls `onListening` once the handlers of signals are installed.
 */
export function runProgram(createProgram: CreateProgram, onListening: () => void): void {
  const output = watchOutput();
  const terminal = openTerminal({ json: asksForJson(process.argv), verbose: false });
  const fail = (error: unknown) =>
    exitAfterOutput(hasPrintedJson() ? ExitCode.wrong : reportError(error, terminal), output);
  const interrupted = listenForSignals(() => {
    if (!hasPrintedJson()) reportError(new Interrupted(), terminal);
    process.exit(ExitCode.interrupted);
  });
  onListening();
  process.on('uncaughtException', fail);
  // The event loop is empty although the program has not ended.
  process.once('beforeExit', () =>
    fail(new Error('The command has not ended, but waits for an event that never comes.')),
  );
  runParser(createProgram, interrupted).then(({ exitCode, isText }) => {
    // The programs of `make` do not all print JSON of their own.
    if (!isText && !hasPrintedJson()) terminal.printJson({ ok: exitCode === ExitCode.done });
    exitAfterOutput(exitCode, output);
  }, fail);
}

/** How the parser ended; `isText` if it printed help or the version, which are never JSON. */
interface ParserEnd {
  readonly exitCode: number;
  readonly isText: boolean;
}

async function runParser(createProgram: CreateProgram, interrupted: AbortSignal): Promise<ParserEnd> {
  let exitCode: number = ExitCode.done;
  let usage = '';
  const program = createProgram({
    interrupted,
    setExitCode: (code) => {
      exitCode = code;
    },
    writeUsage: (text) => {
      usage += text;
    },
  });
  try {
    await program.parseAsync();
    return { exitCode, isText: false };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { exitCode: ExitCode.done, isText: true };
    if (error.code !== 'commander.help') throw describeUsage(error, process.argv, program.name());
    // The program, or a group of commands, was called without a command: the parser has written its help.
    process.stderr.write(usage);
    throw new UsageError('No command is given: expected one of the commands above.');
  }
}

// Before the options are parsed, so that an error of the parser is JSON too.
function asksForJson(args: readonly string[]): boolean {
  return args.some((argument) => argument === '--json' || argument.startsWith('--json='));
}

// Output may still wait in a pipe. Writing an empty text waits for it; after that no open handle keeps the process.
function exitAfterOutput(exitCode: number, output: Output): void {
  process.exitCode = exitCode;
  process.stdout.write('', () => setImmediate(exit));

  function exit(): void {
    if (output.fault !== undefined) {
      exitCode ||= ExitCode.wrong;
      process.stderr.write(`totesys: The result cannot be written to the output (${output.fault}).\n`);
    }
    process.stderr.write('', () => process.exit(exitCode));
  }
}
