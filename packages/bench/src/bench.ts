import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drawTable, ExitCode, openTerminal, UsageError } from '@totesys/cli';
import { connect } from '@totesys/runtime';
import { createTotesysSchema, populate, type Sandbox, withSandbox } from '@totesys/sandbox';
import { spool } from './floor.ts';
import { editSalesOrders, growSalesOrders } from './sales-orders.ts';
import { spawnCommand } from './spawn-command.ts';
import { addUsage, type Usage } from './usage.ts';

const TOTESYS = fileURLToPath(new URL('../../cli/bin/totesys.mjs', import.meta.url));
const BENCH = fileURLToPath(new URL('../../bench/bin/totesys-bench.mjs', import.meta.url));

/** One order in this many is edited for the second half of the bench. */
const EDITED_ONE_IN = 100;

/** One line of the bench: its rows, and their floor if it was measured. */
interface Measured {
  readonly what: string;
  readonly rows: number;
  readonly usage: Usage;
  readonly floor: Usage | undefined;
}

/**
 * Runs `make bench`: each stage for a large table of sales orders, then a tick without changes and one with some edits,
 * beside the time of Postgres alone for the same rows.
 */
export function bench(options: { rows?: unknown; json?: unknown }): Promise<number> {
  const rows = Number(options.rows);
  if (!Number.isInteger(rows) || rows < 1)
    throw new UsageError(`--rows is not a number: expected an integer from 1, got '${options.rows}'.`);
  const terminal = openTerminal({ json: options.json === true, verbose: false });
  return withSandbox('bench', async (sandbox) => {
    const measured = await measureStages(sandbox, rows);
    terminal.print(report(measured));
    terminal.printJson({ ok: true, command: 'bench', measured });
    return ExitCode.done;
  });
}

async function measureStages({ sourceUrl, warehouseUrl, folder }: Sandbox, rows: number): Promise<Measured[]> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(`Making ${rows.toLocaleString('en')} sales orders …`);
  const source = await connect(sourceUrl, { subject: 'source', connections: 2, applicationName: 'totesys-bench' });
  await createTotesysSchema(source);
  await populate(source, { seed: 1, salesOrders: 10, purchaseOrders: 10 });
  await growSalesOrders(source, rows);
  const file = join(folder, 'spool');
  await spool(source, file);

  const places = { SOURCE_URL: sourceUrl, WAREHOUSE_URL: warehouseUrl, LAKE: folder };
  const measured: Measured[] = [];
  const measure = async (what: string, work: () => Promise<Usage>, floor?: Usage, count = rows) => {
    say(`Measuring ${what} …`);
    const usage = await work();
    measured.push({ what, rows: count, usage, floor });
    return usage;
  };
  const stage = (name: string) => () => untilUnchanged(name, places);
  const postgres = (...args: string[]) => floorOf(args, places);

  const read = await measure('floor: COPY to null', () => postgres('read'));
  await measure('ingest', stage('ingest'), read);
  await measure('transform', stage('transform'), read);
  const write = await measure('floor: COPY into a key', () => postgres('write', file));
  await measure('load', stage('load'), write);

  const scan = await measure('floor: one scan', () => postgres('scan'));
  await measure('ingest, nothing changed', () => once('ingest', places), scan);
  const edited = await editSalesOrders(source, EDITED_ONE_IN);
  await source.end();
  for (const name of ['ingest', 'transform', 'load'])
    await measure(`${name}, 1 in ${EDITED_ONE_IN} edited`, stage(name), undefined, edited);
  return measured;
}

async function floorOf(args: readonly string[], places: Record<string, string>): Promise<Usage> {
  const { usage, floorSeconds } = await spawnCommand(BENCH, ['floor', ...args], places);
  return { ...usage, seconds: Number(floorSeconds) };
}

async function once(stage: string, places: Record<string, string>): Promise<Usage> {
  return (await spawnCommand(TOTESYS, [stage], places)).usage;
}

// Each batch in a process of its own, as in Lambda.
async function untilUnchanged(stage: string, places: Record<string, string>): Promise<Usage> {
  const usages: Usage[] = [];
  for (;;) {
    const { usage, outcome } = await spawnCommand(TOTESYS, [stage], places);
    if (outcome === 'unchanged') return addUsage(usages);
    usages.push(usage);
  }
}

function report(measured: readonly Measured[]): string {
  return drawTable(
    ['what', 'rows', 'rows/s', 'seconds', 'CPU s', 'peak RSS MB', '× floor'],
    measured.map(({ what, rows, usage, floor }) => [
      what,
      rows,
      Math.round(rows / usage.seconds),
      usage.seconds.toFixed(2),
      usage.cpuSeconds.toFixed(2),
      Math.round(usage.peakMegabytes),
      floor ? (usage.seconds / floor.seconds).toFixed(2) : '',
    ]),
  );
}
