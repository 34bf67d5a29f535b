import { ErrorCode } from '@totesys/runtime';
import type { Terminal } from '../terminal/terminal.ts';
import type { CommandResult } from './command-context.ts';

/** Says that what a command was asked about is not there; gives what its result says of that. */
export function notFound(terminal: Terminal, message: string): Pick<CommandResult, 'ok'> & { readonly error: object } {
  terminal.say(message);
  return { ok: false, error: { code: ErrorCode.NOT_FOUND, message } };
}
