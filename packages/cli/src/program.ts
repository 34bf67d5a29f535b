import { Command as Commander, InvalidArgumentError } from 'commander';
import { acceptDeletes } from './commands/accept-deletes.ts';
import { backfill } from './commands/backfill.ts';
import { acceptBatch } from './commands/batch-accept.ts';
import { showBatch } from './commands/batch-show.ts';
import { explain } from './commands/explain.ts';
import { ingestOnce } from './commands/ingest.ts';
import { loadOnce } from './commands/load.ts';
import { quarantineDiscard } from './commands/quarantine-discard.ts';
import { quarantineList } from './commands/quarantine-list.ts';
import { quarantineReplay } from './commands/quarantine-replay.ts';
import { quarantineShow } from './commands/quarantine-show.ts';
import { rebuild } from './commands/rebuild.ts';
import { reconcile } from './commands/reconcile.ts';
import { redrive } from './commands/redrive.ts';
import { run } from './commands/run.ts';
import { status } from './commands/status.ts';
import { sweep } from './commands/sweep.ts';
import { transformOnce } from './commands/transform.ts';
import type { Places } from './places/places.ts';
import type { Command } from './process/command-context.ts';
import { type GlobalOptions, runCommand } from './process/execute-command.ts';

/** The command line: its commands, what each needs, and what it runs. `interrupted` stops it, `finish` gets the exit code, `complain` what the parser says of a wrong call. */
export function createProgram(
  interrupted: AbortSignal,
  finish: (exitCode: number) => void,
  complain: (text: string) => void,
): Commander {
  const program = new Commander('totesys')
    .description('A totesys database into a star-schema warehouse: every change, none twice.')
    .version('1.0.0')
    .option('--source <url>', 'the source database (better by SOURCE_URL: a command line can be seen by others)')
    .option('--warehouse <url>', 'the warehouse database (better by WAREHOUSE_URL)')
    .option('--lake <folder>', 'a folder (or s3://bucket/prefix) with ingestion and processed in it (or LAKE)')
    .option('--ingestion <uri>', 's3://bucket or a folder (or INGESTION_URI)')
    .option('--processed <uri>', 's3://bucket or a folder (or PROCESSED_URI)')
    .option('--json', 'end stdout with one JSON object')
    .option('--verbose', 'log every event on stderr')
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({ writeErr: complain })
    .addHelpText(
      'after',
      '\nExit codes: 0 done, 1 it ran and something is wrong, 2 it was called wrongly, 130 interrupted.',
    )
    .exitOverride();

  // What a command needs is checked before it runs, so a wrong call has no effect.
  const add = (parent: Commander, usage: string, text: string, needs: readonly (keyof Places)[], command: Command) =>
    parent
      .command(usage)
      .description(text)
      .addHelpText('after', describeNeeds(needs))
      .action(async (...given: unknown[]) => {
        const self = given.at(-1) as Commander;
        const options = { ...self.optsWithGlobals<GlobalOptions>(), stallSeconds: process.env.STALL_SECONDS };
        finish(await runCommand(command, needs, interrupted, { options, names: self.args }));
      });

  add(program, 'run', 'ingest, transform and load until nothing is left to do', ALL, run);
  add(program, 'ingest', 'read what changed in the source into one batch', ['source', 'ingestion'], ingestOnce);
  add(program, 'transform', 'bring missing batches into the star schema', ['ingestion', 'processed'], transformOnce);
  add(program, 'load', 'load batches that wait into the warehouse', ['warehouse', 'processed'], loadOnce)
    .option('--until <batch>', 'no batch after this one')
    .option('--adopt', "accept the rows that facts have before the first batch; needs the owner's URL");
  add(
    program,
    'rebuild',
    'an empty warehouse from the processed lake alone',
    ['warehouse', 'processed'],
    rebuild,
  ).option('--until <batch>', 'as of that batch; a load goes on behind it');
  add(program, 'status', 'batches, rows and what waits where', LAKES, status).addHelpText(
    'after',
    'With --warehouse also what is loaded, with --source also what has changed since it was read.',
  );
  add(program, 'reconcile', 'is the warehouse what the source says, and the lake what the ledger says', [], reconcile)
    .option('--only <checks>', 'some of rows,history,lake; without it, all that the places given allow')
    .option('--wait <seconds>', 'how long to follow rows that are not read yet (30 with a lake, 0 without)')
    .option('--since <batch>', 'look at the parts of batches from that one on; the chain is followed from the first')
    .option('--show-values', 'show what should be there and what is, not their hashes')
    .option('--repair', 'have the rows that differ read again by the next ingest')
    .addHelpText(
      'after',
      '\nNeeds --source and --warehouse for rows, --warehouse for history, --ingestion, --processed or both for lake.',
    );
  add(
    program,
    'explain <table> <key>',
    'where each version of a row comes from; it shows values',
    LAKES,
    explain,
  ).addHelpText(
    'after',
    '\nTABLE is a table of the source, a fact or a dimension, KEY the id in the source. Values are shown, for that is its purpose: mind who looks on.\nThe lakes are enough; with --warehouse it names the record ids, too.',
  );
  add(program, 'backfill <table>', 'have rows read again, changed or not', ['ingestion'], backfill)
    .option('--keys <keys>', 'which, as in 1-100,205')
    .option('--all', 'every row of the table');
  add(program, 'redrive', 'invoke transform again with what ended in its dead-letter queue', [], redrive)
    .option('--queue <url>', 'the dead-letter queue (or DEAD_LETTERS_URL)')
    .option('--function <name>', "transform's function (or TRANSFORM_FUNCTION)")
    .option('--terraform <folder>', 'whose outputs name both, where they are not given');
  add(program, 'sweep', 'find what killed runs left in both lakes, which no manifest names', LAKES, sweep)
    .option('--yes', 'remove it; without this, nothing is touched')
    .option('--older-than <age>', 'only what is older, at least a day', '24h');
  const quarantine = program.command('quarantine').description('rows that break the contract');
  add(quarantine, 'list', 'what is there now, and why', LAKES, quarantineList);
  add(quarantine, 'show <table> <key>', 'one row, with its values', LAKES, quarantineShow);
  add(quarantine, 'replay [table]', 'have rows read again from the source', LAKES, quarantineReplay).option(
    '--keys <keys>',
    'which, as in 1-100,205; without it, all',
  );
  add(quarantine, 'discard <table>', 'say that rows are not wanted', LAKES, quarantineDiscard)
    .option('--keys <keys>', 'which, as in 1-100,205')
    .option('--all', 'all that are there of the table');
  const accept = program.command('accept').description('say that something unusual is meant');
  add(accept, 'deletes <table>', 'many rows of the table are meant to be gone', ['ingestion'], acceptDeletes);
  const batch = program.command('batch').description('look at one batch, or let it pass');
  add(batch, 'show <batch>', 'what is in it and what keeps it from the warehouse', LAKES, showBatch);
  add(batch, 'accept <batch>', 'load it although many of its rows break the contract', ['processed'], acceptBatch);

  for (const option of program.options) if (option.required) option.argParser(parseValue);
  return program;
}

// An option of all commands that lacks its value would swallow the next one, --json for instance.
function parseValue(value: string): string {
  if (value.startsWith('--')) throw new InvalidArgumentError('Its value is missing.');
  return value;
}

// Help lists the options of every place for each command.
function describeNeeds(needs: readonly (keyof Places)[]): string {
  if (needs.length === 0) return '';
  const hasLake = needs.includes('ingestion') || needs.includes('processed');
  return `\nNeeds ${needs.map((name) => `--${name}`).join(', ')}, or the environment for them.${hasLake ? ' --lake stands for both lakes.' : ''}`;
}

const LAKES = ['ingestion', 'processed'] as const;
const ALL = ['source', 'warehouse', 'ingestion', 'processed'] as const;
