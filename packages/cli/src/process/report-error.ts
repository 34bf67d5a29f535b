import { describeError, ErrorCode, PipelineError } from '@totesys/runtime';
import type { Terminal } from '../terminal/terminal.ts';
import { ExitCode } from './exit-code.ts';
import { Interrupted } from './interrupted.ts';
import { UsageError } from './usage-error.ts';

/** How an error is reported: its code in JSON, its message, and the exit code of a command that it ends. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** Reports an error on stderr and, with `--json`, on stdout. Returns its exit code. */
export function reportError(error: unknown, terminal: Terminal): number {
  const { code, message, exitCode } = describeFault(error);
  terminal.log(`totesys: ${message}`);
  terminal.printJson({ ok: false, error: { code, message } });
  return exitCode;
}

/** Describes an error that ends a command or a run. */
export function describeFault(error: unknown): Fault {
  const { message, stack } = describeError(error);
  if (error instanceof Interrupted) return { code: 'INTERRUPTED', message, exitCode: ExitCode.interrupted };
  if (error instanceof UsageError) return { code: 'USAGE', message, exitCode: ExitCode.usage };
  if (error instanceof PipelineError) {
    const isUsage = error.code === ErrorCode.CONFIG_INVALID;
    return { code: error.code, message, exitCode: isUsage ? ExitCode.usage : ExitCode.wrong };
  }
  // An unexpected error has no remedy in its message, so the stack is what helps.
  return { code: 'UNEXPECTED', message: stack ?? message, exitCode: ExitCode.wrong };
}
