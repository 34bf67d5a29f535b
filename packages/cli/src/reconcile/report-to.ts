import type { CompareResult, LakeResult, ReconcileOptions, ReconcileReport, Repair } from '@totesys/reconcile';
import { countOf } from '../format/count-of.ts';
import { withRate } from '../format/with-rate.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { drawCounts, sayDifferences, sayExcused, sayHistory, sayLake, sayVerdict } from './say-findings.ts';

/**
 * Prints the result of each check as soon as it ends. `hasLake`: whether unread rows are known by the ingestion lake.
 */
export function reportTo(
  terminal: Terminal,
  options: ReconcileOptions,
  { hasLake }: { hasLake: boolean },
): ReconcileReport {
  return {
    onWait: (pending) => {
      terminal.clearBars();
      const what = hasLake ? 'not read or not loaded yet' : 'not equal';
      terminal.log(
        `${countOf(pending, 'row')} ${what}; waiting up to ${options.waitMs / 1000} s for batches that began later …`,
      );
    },
    onRows: (result) => printRows(terminal, result, options),
    onRepair: (repair) => printRepair(terminal, repair),
    onHistory: ({ count, named }) => {
      for (const line of sayHistory(named, count)) terminal.print(line);
      terminal.print(
        count === 0 ? 'The history of all facts is sound.' : `The history of facts has ${countOf(count, 'fault')}.`,
      );
    },
    onLake: (result) => printLake(terminal, result),
  };
}

function printRows(terminal: Terminal, { findings, batch, comparedMs }: CompareResult, options: ReconcileOptions) {
  const { showValues, repair } = options;
  const { differing } = findings;
  const unread = findings.total((counts) => counts.unread);
  const compared = findings.total(({ expected, actual }) => Math.max(expected, actual));
  terminal.clearBars();
  terminal.print(drawCounts(findings));
  for (const line of sayDifferences(findings.differences, differing, showValues)) terminal.print(line);
  for (const line of sayDifferences(findings.unread, unread, showValues)) terminal.print(`not read yet: ${line}`);
  for (const line of sayExcused(findings)) terminal.print(line);
  terminal.print(`Compared ${withRate(compared, 'rows', performance.now() - comparedMs)}.`);
  terminal.print(sayVerdict(findings, batch));
  if (differing > 0 && !repair)
    terminal.print(`To have ${differing === 1 ? 'it' : 'them'} read again: totesys reconcile --repair`);
}

function printRepair(terminal: Terminal, { requests, keys, beyond }: Repair) {
  if (requests.length > 0) {
    terminal.print(`Requested ${countOf(keys, 'row')} from the next ingest (${requests.join(', ')}). Run: totesys run`);
  }
  for (const what of beyond) terminal.print(`No row of the source brings ${what}: correct it by hand.`);
}

function printLake(terminal: Terminal, { faults, batches, parts, bytes, checkedMs }: LakeResult) {
  terminal.clearBars();
  for (const line of sayLake(faults.named, faults.count)) terminal.print(line);
  const checked = [
    countOf(batches, 'batch', 'batches'),
    withRate(parts, 'parts', performance.now() - checkedMs),
    `${(bytes / 1e6).toLocaleString('en', { maximumFractionDigits: 1 })} MB`,
  ].join(', ');
  terminal.print(
    faults.count === 0
      ? `The lake is whole: ${checked}.`
      : `The lake has ${countOf(faults.count, 'fault')}: ${checked}.`,
  );
}
