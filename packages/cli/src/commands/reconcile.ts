import { checkLakeFormat } from '@totesys/lake';
import {
  checkHistory,
  checkLakes,
  compareDatabases,
  expectTables,
  type Findings,
  fileRepair,
} from '@totesys/reconcile';
import { describeDatabaseError, inTransaction, ONE_SNAPSHOT } from '@totesys/runtime';
import { findLoadedBatch, readLedgerEntries } from '@totesys/warehouse';
import { countOf } from '../format/count-of.ts';
import { withRate } from '../format/with-rate.ts';
import { parseBatch } from '../parse/parse-batch.ts';
import { requirePlaces } from '../places/places.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { UsageError } from '../process/usage-error.ts';
import { drawCounts, sayDifferences, sayExcused, sayHistory, sayLake } from '../reconcile/say-findings.ts';

/** How long rows that are too young are waited for where a lake tells which these are: seconds. */
const WAIT_SECONDS = 30;
const CHECKS = ['rows', 'history', 'lake'] as const;
type Check = (typeof CHECKS)[number];

/** `totesys reconcile`: is the warehouse what the source says, is its history one, and are the lakes what ledger and manifests say? */
export const reconcile: Command = async (context) => {
  const { checks, waitSeconds, since } = parseWish(context);
  if (context.places.ingestion !== undefined) await checkLakeFormat(context.ingestion());
  if (context.places.processed !== undefined) await checkLakeFormat(context.processed());
  const rows = checks.has('rows') ? await reconcileRows(context, waitSeconds) : undefined;
  const history = checks.has('history') ? await reconcileHistory(context) : undefined;
  const lake = checks.has('lake') ? await reconcileLake(context, since) : undefined;
  const ok = [rows?.equal, history && history.faults === 0, lake && lake.faults === 0].every((each) => each !== false);
  return { ok, command: 'reconcile', ...rows, ...(history && { history }), ...(lake && { lake }) };
};

/** `totesys reconcile`: checks the rows, the history and the lakes. */
export const reconcileCommand: CommandDefinition = {
  usage: 'reconcile',
  summary: 'compare the warehouse with the source, and check its history and the lakes',
  needs: [],
  options: [
    { flags: '--only <checks>', text: 'some of rows,history,lake; without this option all that the places allow' },
    { flags: '--wait <seconds>', text: 'how long to follow rows that are not read yet (30 with a lake, otherwise 0)' },
    { flags: '--since <batch>', text: 'check only the parts of batches from this one on; the chain is checked whole' },
    { flags: '--show-values', text: 'show the values that differ instead of their hashes' },
    { flags: '--repair', text: 'let the next ingest read the differing rows again' },
  ],
  notes: 'Rows need --source and --warehouse, history needs --warehouse, lake needs --ingestion, --processed or both.',
  run: reconcile,
};

// All of it before the first look: a wrong call has no effect, and a repair would be one.
function parseWish(context: CommandContext) {
  const { since } = context.options;
  return {
    checks: parseChecks(context),
    waitSeconds: parseWait(context),
    since: since === undefined ? 1 : parseBatch(String(since)),
  };
}

// What is checked is what was asked for, or else what the places given allow.
function parseChecks({ places, options }: CommandContext): ReadonlySet<Check> {
  const hasLake = places.ingestion !== undefined || places.processed !== undefined;
  const asked = options.only === undefined ? undefined : String(options.only).split(',');
  const unknown = asked?.find((name) => !CHECKS.includes(name as Check));
  if (unknown !== undefined)
    throw new UsageError(`--only does not know '${unknown}': expected some of ${CHECKS.join(', ')}.`);
  const checks = new Set((asked ?? CHECKS.filter((check) => check !== 'lake' || hasLake)) as Check[]);
  if (checks.has('rows')) requirePlaces(places, ['source', 'warehouse']);
  if (checks.has('history')) requirePlaces(places, ['warehouse']);
  if (checks.has('lake') && !hasLake) requirePlaces(places, ['ingestion', 'processed']);
  if (options.repair) requirePlaces(places, ['source', 'warehouse', 'ingestion']);
  if (options.repair && !checks.has('rows')) throw new UsageError('--repair mends rows: expected them among --only.');
  return checks;
}

function parseWait({ places, options }: CommandContext): number {
  if (options.wait === undefined) return places.ingestion === undefined ? 0 : WAIT_SECONDS;
  const seconds = Number(options.wait);
  if (String(options.wait).trim() !== '' && seconds >= 0 && seconds <= 86_400) return seconds;
  throw new UsageError('--wait is no time: expected seconds from 0 to 86400.');
}

async function reconcileRows(context: CommandContext, waitSeconds: number) {
  const { model, terminal, options } = context;
  const ingestion = context.places.ingestion === undefined ? undefined : context.ingestion();
  const showValues = options.showValues === true;
  const warehouse = await context.warehouse();
  const { findings, batch, comparedMs } = await compareDatabases({
    model,
    source: await context.source(),
    warehouse,
    ingestion,
    telemetry: terminal.telemetryOf('reconcile'),
    showValues,
    waitMs: waitSeconds * 1000,
    interrupted: context.interrupted,
    onWait: (count) => {
      terminal.clearBars();
      const what = ingestion ? 'not read or not loaded yet' : 'not equal';
      terminal.log(`${countOf(count, 'row')} ${what}; waiting up to ${waitSeconds} s for batches that began later …`);
    },
  });
  const { differing, unsettled } = findings;
  const unread = findings.total((counts) => counts.unread);
  const compared = findings.total(({ expected, actual }) => Math.max(expected, actual));
  terminal.clearBars();
  terminal.print(drawCounts(findings));
  for (const line of sayDifferences(findings.differences, differing, showValues)) terminal.print(line);
  for (const line of sayDifferences(findings.unread, unread, showValues)) terminal.print(`not read yet: ${line}`);
  for (const line of sayExcused(findings)) terminal.print(line);
  terminal.print(`Compared ${withRate(compared, 'rows', performance.now() - comparedMs)}.`);
  terminal.print(verdict(findings, unread, batch));
  if (differing > 0 && !options.repair)
    terminal.print(`To have ${differing === 1 ? 'it' : 'them'} read again: totesys reconcile --repair`);
  const repair = options.repair && ingestion ? await repairRows(context, findings) : undefined;
  return {
    equal: differing === 0 && unsettled === 0,
    batch,
    differing,
    unread,
    unsettled,
    rowsPerSecond: Math.round(compared / (comparedMs / 1000)),
    tables: [...findings.counts].map(([table, counts]) => ({ table, ...counts })),
    differences: findings.differences,
    unreadRows: findings.unread,
    excused: findings.excused,
    ...(repair && { repair }),
  };
}

function verdict(findings: Findings, unread: number, batch: number): string {
  if (findings.differing > 0) return `The warehouse differs from the source: ${countOf(findings.differing, 'row')}.`;
  const until = batch === 0 ? 'nothing has been loaded' : `batch ${batch}`;
  if (findings.unsettled > 0) {
    return `No row that has been read differs (${until}), but ${countOf(unread, 'row')} changed since and no batch has brought them.`;
  }
  if (unread > 0)
    return `The warehouse equals the source, but for ${countOf(unread, 'row')} that changed again meanwhile.`;
  return 'The warehouse equals the source.';
}

async function repairRows(context: CommandContext, findings: Findings) {
  const places = { ingestion: context.ingestion(), warehouse: await context.warehouse() };
  const repair = await fileRepair(context.model, findings, places);
  const { terminal } = context;
  if (repair.requests.length > 0) {
    terminal.print(
      `Asked the next ingest for ${countOf(repair.keys, 'row')} (${repair.requests.join(', ')}). Run: totesys run`,
    );
  }
  for (const what of repair.beyond) terminal.print(`No row of the source brings ${what}: mend it by hand.`);
  return repair;
}

async function reconcileHistory(context: CommandContext) {
  const { terminal, model } = context;
  const warehouse = await context.warehouse();
  try {
    const { count, named } = await inTransaction(warehouse, ONE_SNAPSHOT, async (sql) => {
      await expectTables(sql, model);
      return checkHistory(sql, model);
    });
    for (const line of sayHistory(named, count)) terminal.print(line);
    terminal.print(
      count === 0 ? 'The history of all facts is sound.' : `The history of facts has ${countOf(count, 'fault')}.`,
    );
    return { faults: count, named };
  } catch (error) {
    throw describeDatabaseError(error, 'The warehouse');
  }
}

async function openLedger(context: CommandContext) {
  const warehouse = await context.warehouse();
  return readLedgerEntries(warehouse, await findLoadedBatch(warehouse));
}

async function reconcileLake(context: CommandContext, since: number) {
  const { terminal, places, interrupted } = context;
  const startedMs = performance.now();
  const result = await checkLakes({
    ingestion: places.ingestion === undefined ? undefined : context.ingestion(),
    processed: places.processed === undefined ? undefined : context.processed(),
    ledger: places.warehouse === undefined ? undefined : await openLedger(context),
    since,
    telemetry: terminal.telemetryOf('reconcile'),
    interrupted,
  });
  const { faults, batches, parts, bytes } = result;
  terminal.clearBars();
  for (const line of sayLake(faults.named, faults.count)) terminal.print(line);
  const looked = `${countOf(batches, 'batch', 'batches')}, ${withRate(parts, 'parts', startedMs)}, ${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`;
  terminal.print(
    faults.count === 0 ? `The lake is whole: ${looked}.` : `The lake has ${countOf(faults.count, 'fault')}: ${looked}.`,
  );
  return { faults: faults.count, named: faults.named, batches, parts, bytes };
}
