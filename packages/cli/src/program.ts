import { Command as Commander, InvalidArgumentError } from 'commander';
import { acceptDeletesCommand } from './commands/accept-deletes.ts';
import { backfillCommand } from './commands/backfill.ts';
import { batchAcceptCommand } from './commands/batch-accept.ts';
import { batchShowCommand } from './commands/batch-show.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { hintsCheckCommand } from './commands/hints-check.ts';
import { hintsRemoveCommand } from './commands/hints-remove.ts';
import { hintsSetupCommand } from './commands/hints-setup.ts';
import { ingestCommand } from './commands/ingest.ts';
import { loadCommand } from './commands/load.ts';
import { maskedViewsCommand } from './commands/masked-views.ts';
import { planCommand } from './commands/plan.ts';
import { proveCommand } from './commands/prove.ts';
import { publishCommand } from './commands/publish.ts';
import { quarantineDiscardCommand } from './commands/quarantine-discard.ts';
import { quarantineListCommand } from './commands/quarantine-list.ts';
import { quarantineReplayCommand } from './commands/quarantine-replay.ts';
import { quarantineShowCommand } from './commands/quarantine-show.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { reconcileCommand } from './commands/reconcile.ts';
import { redriveCommand } from './commands/redrive.ts';
import { reportCommand } from './commands/report.ts';
import { runCommand } from './commands/run.ts';
import { statusCommand } from './commands/status.ts';
import { sweepCommand } from './commands/sweep.ts';
import { transformCommand } from './commands/transform.ts';
import type { PlaceName } from './places/places.ts';
import type { CommandDefinition } from './process/command.ts';
import { executeCommand, type GlobalOptions } from './process/execute-command.ts';
import type { ProgramProcess } from './process/run-program.ts';

/** The commands in the order of the help: run the pipeline, look at it, decide, repair. */
const COMMANDS: readonly CommandDefinition[] = [
  runCommand,
  ingestCommand,
  transformCommand,
  loadCommand,
  publishCommand,
  statusCommand,
  planCommand,
  doctorCommand,
  reportCommand,
  reconcileCommand,
  proveCommand,
  explainCommand,
  batchShowCommand,
  batchAcceptCommand,
  quarantineListCommand,
  quarantineShowCommand,
  quarantineReplayCommand,
  quarantineDiscardCommand,
  acceptDeletesCommand,
  backfillCommand,
  redriveCommand,
  rebuildCommand,
  sweepCommand,
  maskedViewsCommand,
  hintsSetupCommand,
  hintsCheckCommand,
  hintsRemoveCommand,
];

/** The first words of commands with two words. */
const GROUPS: Readonly<Record<string, string>> = {
  batch: 'look at a batch, or accept it',
  quarantine: 'look at rows that break the contract, read them again or discard them',
  accept: 'accept an unusual change of the source',
  hints: 'set up, check or remove the optional change hints of the source',
};

/** Creates the parser of the `totesys` command line from the table of commands. */
export function createProgram(process: ProgramProcess): Commander {
  const program = new Commander('totesys')
    .description('Moves every change of a totesys database into a star-schema warehouse, once.')
    .version('1.0.0')
    .option('--source <url>', 'the source database (prefer SOURCE_URL: other users can see a command line)')
    .option('--warehouse <url>', 'the warehouse database (prefer WAREHOUSE_URL)')
    .option(
      '--lake <folder>',
      'a folder or s3://bucket/prefix that contains ingestion, processed and iceberg (or LAKE)',
    )
    .option('--ingestion <uri>', 'the ingestion lake: s3://bucket or a folder (or INGESTION_URI)')
    .option('--processed <uri>', 'the processed lake: s3://bucket or a folder (or PROCESSED_URI)')
    .option('--iceberg <uri>', 'the Iceberg tables: s3://bucket or a folder (or ICEBERG_URI)')
    .option('--json', 'end stdout with one JSON object')
    .option('--verbose', 'log every event on stderr')
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({ writeErr: process.writeUsage })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 failed or a check found a fault, 2 usage error, 3 something to do ' +
        '(plan --detailed-exitcode), 130 interrupted.',
    )
    .exitOverride();
  for (const option of program.options) if (option.required) option.argParser(parseValue);

  const groups = new Map<string, Commander>();
  for (const definition of COMMANDS) {
    const [word = '', ...rest] = definition.usage.split(' ');
    const description = GROUPS[word];
    if (description === undefined) {
      addCommand(program, definition.usage, definition, process);
    } else {
      const group = groups.get(word) ?? program.command(word).description(description);
      groups.set(word, group);
      addCommand(group, rest.join(' '), definition, process);
    }
  }
  return program;
}

function addCommand(
  parent: Commander,
  usage: string,
  { summary, options = [], notes, ...definition }: CommandDefinition,
  { interrupted, setExitCode }: ProgramProcess,
): void {
  const command = parent.command(usage).description(summary).addHelpText('after', describeNeeds(definition.needs));
  if (notes !== undefined) command.addHelpText('after', `\n${notes}`);
  for (const { flags, text, byDefault } of options) command.option(flags, text, byDefault);
  command.action(async (...given: unknown[]) => {
    const self = given.at(-1) as Commander;
    const globals = { ...self.optsWithGlobals<GlobalOptions>(), stallSeconds: globalThis.process.env.STALL_SECONDS };
    setExitCode(await executeCommand(definition, { options: globals, names: self.args, interrupted }));
  });
}

// Without this check `--source --json` would take `--json` for a URL.
function parseValue(value: string): string {
  if (value.startsWith('--')) throw new InvalidArgumentError('Its value is missing.');
  return value;
}

// Help lists the options of all places for each command, so the needed ones are named separately.
function describeNeeds(needs: readonly PlaceName[]): string {
  if (needs.length === 0) return '';
  const hasLake = needs.includes('ingestion') || needs.includes('processed');
  const lake = hasLake ? ' --lake names both lakes at once.' : '';
  return `\nNeeds ${needs.map((name) => `--${name}`).join(', ')}, or their environment variables.${lake}`;
}
