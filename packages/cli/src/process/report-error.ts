import { describeError, ErrorCode, PipelineError } from '@totesys/runtime';
import type { Terminal } from '../terminal/terminal.ts';
import { ExitCode } from './exit-code.ts';
import { Interrupted } from './interrupted.ts';
import { UsageError } from './usage-error.ts';

/** Reports an error on stderr and, with `--json`, on stdout. Returns its exit code. */
export function reportError(error: unknown, terminal: Terminal): number {
  const { code, message, exitCode } = classify(error);
  terminal.log(`totesys: ${message}`);
  terminal.printJson({ ok: false, error: { code, message } });
  return exitCode;
}

function classify(error: unknown): { code: string; message: string; exitCode: number } {
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
