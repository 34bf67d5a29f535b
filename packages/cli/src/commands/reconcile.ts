import { CHECKS, type Check, type ReconcileOptions, reconcile as runReconcile } from '@totesys/reconcile';
import { parseBatch } from '../parse/parse-batch.ts';
import { requirePlaces } from '../places/places.ts';
import type { Command, CommandDefinition, CommandResult } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';
import { compareIceberg } from '../reconcile/compare-iceberg.ts';
import { reportTo } from '../reconcile/report-to.ts';

/** How long unread rows are followed where a lake separates them from differences: seconds. */
const WAIT_SECONDS = 30;
/** The check of the Iceberg tables, which publish has the code for. */
const ICEBERG = 'iceberg';
/** The longest wait that `--wait` accepts: seconds. */
const MOST_WAIT_SECONDS = 86_400;

/** Checks that the warehouse equals the source, the history of the facts is sound, and both lakes are whole. */
export const reconcile: Command = async (context) => {
  const options = parseOptions(context);
  if (!comparesIceberg(context)) return await compareAll(context, options);
  requirePlaces(context.places, ['processed', 'iceberg']);
  const iceberg = await compareIceberg(context);
  const rest = options.checks.size > 0 ? await compareAll(context, options) : { ok: true, command: 'reconcile' };
  return { ...rest, ok: rest.ok && iceberg.ok, iceberg };
};

async function compareAll(context: CommandContext, options: ReconcileOptions): Promise<CommandResult> {
  const { places, terminal } = context;
  return await runReconcile(
    {
      model: context.model,
      source: places.source === undefined ? undefined : () => context.source(),
      warehouse: places.warehouse === undefined ? undefined : () => context.warehouse(),
      ingestion: places.ingestion === undefined ? undefined : context.ingestion(),
      processed: places.processed === undefined ? undefined : context.processed(),
      telemetry: terminal.telemetryOf('reconcile'),
      interrupted: context.interrupted,
    },
    options,
    reportTo(terminal, options, { hasLake: places.ingestion !== undefined }),
  );
}

/** `totesys reconcile`: checks the rows, the history and the lakes. */
export const reconcileCommand: CommandDefinition = {
  usage: 'reconcile',
  summary: 'compare the warehouse with the source, and check its history and the lakes',
  needs: [],
  options: [
    {
      flags: '--only <checks>',
      text: 'some of rows,history,lake,iceberg; by default all that the places allow, except iceberg',
    },
    { flags: '--wait <seconds>', text: 'how long to follow rows that are not read yet (30 with a lake, otherwise 0)' },
    {
      flags: '--since <batch>',
      text: 'check only parts of this batch and later ones; the chain is always checked whole',
    },
    { flags: '--show-values', text: 'show the values that differ instead of their hashes' },
    { flags: '--repair', text: 'let the next ingest read the differing rows again' },
  ],
  notes:
    'Rows need --source and --warehouse, history needs --warehouse, lake needs --ingestion, --processed or both; ' +
    'iceberg compares the Iceberg tables with the parts of the processed lake, and needs --processed and --iceberg.',
  run: reconcile,
};

// Everything is parsed before the first effect: a wrong call must not file a repair.
function parseOptions(context: CommandContext): ReconcileOptions {
  const { since, showValues, repair } = context.options;
  return {
    checks: parseChecks(context),
    waitMs: parseWait(context) * 1000,
    showValues: showValues === true,
    repair: repair === true,
    since: since === undefined ? 1 : parseBatch(String(since)),
  };
}

/** Whether --only names the check of the Iceberg tables. */
function comparesIceberg({ options }: CommandContext): boolean {
  return findAsked(options)?.includes(ICEBERG) === true;
}

function findAsked({ only }: CommandContext['options']): string[] | undefined {
  return only === undefined ? undefined : String(only).split(',');
}

// Without --only, every check for which the places are given.
function parseChecks({ places, options }: CommandContext): ReadonlySet<Check> {
  const hasLake = places.ingestion !== undefined || places.processed !== undefined;
  const asked = findAsked(options)?.filter((name) => name !== ICEBERG);
  const unknown = asked?.find((name) => !CHECKS.includes(name as Check));
  if (unknown !== undefined)
    throw new UsageError(`--only does not know '${unknown}': expected some of ${[...CHECKS, ICEBERG].join(', ')}.`);
  const checks = new Set((asked ?? CHECKS.filter((check) => check !== 'lake' || hasLake)) as Check[]);
  if (checks.has('rows')) requirePlaces(places, ['source', 'warehouse']);
  if (checks.has('history')) requirePlaces(places, ['warehouse']);
  if (checks.has('lake') && !hasLake) requirePlaces(places, ['ingestion', 'processed']);
  if (options.repair) requirePlaces(places, ['source', 'warehouse', 'ingestion']);
  if (options.repair && !checks.has('rows'))
    throw new UsageError('--repair needs the check of rows: add it to --only.');
  return checks;
}

function parseWait({ places, options }: CommandContext): number {
  if (options.wait === undefined) return places.ingestion === undefined ? 0 : WAIT_SECONDS;
  const seconds = Number(options.wait);
  if (String(options.wait).trim() !== '' && seconds >= 0 && seconds <= MOST_WAIT_SECONDS) return seconds;
  throw new UsageError(`--wait is not a time: expected seconds from 0 to ${MOST_WAIT_SECONDS}.`);
}
