import { ErrorCode } from '@totesys/runtime';
import type { CommandResult } from './command-context.ts';
import type { Terminal } from './terminal.ts';

/** Says that what a command was asked about is not there; gives what its result says of that. */
export function notFound(terminal: Terminal, message: string): Pick<CommandResult, 'ok'> & { readonly error: object } {
  terminal.say(message);
  return { ok: false, error: { code: ErrorCode.NOT_FOUND, message } };
}
