import type { PlaceName } from '../places/places.ts';
import type { PrepareRuns } from '../repeat/repeated-command.ts';
import type { CommandContext } from './command-context.ts';

/** A command of the operator, as its file in `commands/` declares it. */
export interface CommandDefinition {
  /** The words of the command and its arguments, for example `quarantine show <table> <key>`. */
  readonly usage: string;
  /** One line of help. */
  readonly summary: string;
  /** The places without which the command does not start; a command that checks them itself names none. */
  readonly needs: readonly PlaceName[];
  readonly options?: readonly CommandOption[];
  /** Help after the options. */
  readonly notes?: string;
  readonly run: Command;
  /** How `--every` repeats the command; absent if it cannot be repeated. */
  readonly prepareRuns?: PrepareRuns;
}

/** An option of one command. */
export interface CommandOption {
  /** As commander writes it, for example `--until <batch>`. */
  readonly flags: string;
  readonly text: string;
  readonly byDefault?: string;
}

/** Runs a command; its arguments follow the context. */
export type Command = (context: CommandContext, ...names: string[]) => Promise<CommandResult>;

/** The result of a command; with `ok` false the exit code is 1. All fields but the exit code are its JSON. */
export interface CommandResult {
  readonly ok: boolean;
  /** The exit code, if `ok` does not determine it. */
  readonly exitCode?: number;
  readonly [field: string]: unknown;
}
