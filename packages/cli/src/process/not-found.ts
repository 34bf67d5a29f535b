import { ErrorCode } from '@totesys/runtime';
import type { Terminal } from '../terminal/terminal.ts';

/** Prints that the batch or row of a command does not exist, and returns the fields of the result that report it. */
export function notFound(terminal: Terminal, message: string): { readonly ok: false; readonly error: object } {
  terminal.print(message);
  return { ok: false, error: { code: ErrorCode.NOT_FOUND, message } };
}
