import { join } from 'node:path';
import { connect } from '@totesys/runtime';
import { createTotesysSchema, populate } from '@totesys/sandbox';
import { drawTable } from '../draw-table.ts';
import { UsageError } from '../usage-error.ts';
import { type Sandbox, withSandbox } from '../with-sandbox.ts';
import { spool } from './floor.ts';
import { growSalesOrders } from './grow-sales-orders.ts';
import { spawnCommand } from './spawn-command.ts';
import { addUsage, type Usage } from './usage.ts';

/** `make bench`: each stage for a large table of sales orders, beside what COPY alone costs in the same run. */
export function bench(options: { rows?: unknown }): Promise<number> {
  const rows = Number(options.rows);
  if (!Number.isInteger(rows) || rows < 1) throw new UsageError('--rows is no count: expected a whole number from 1.');
  return withSandbox('bench', (sandbox) => compare(sandbox, rows));
}

async function compare({ sourceUrl, warehouseUrl, folder }: Sandbox, rows: number): Promise<number> {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  say(`Making ${rows.toLocaleString('en')} sales orders …`);
  const source = await connect(sourceUrl, { subject: 'source', connections: 2, applicationName: 'totesys-bench' });
  await createTotesysSchema(source);
  await populate(source, { seed: 1, salesOrders: 10, purchaseOrders: 10 });
  await growSalesOrders(source, rows);
  const file = join(folder, 'spool');
  await spool(source, file);
  await source.end();

  const places = { SOURCE_URL: sourceUrl, WAREHOUSE_URL: warehouseUrl, LAKE: folder };
  const measured: { what: string; usage: Usage }[] = [];
  const measure = async (what: string, work: () => Promise<Usage>) => {
    say(`Measuring ${what} …`);
    measured.push({ what, usage: await work() });
  };
  await measure('floor: COPY to null', () => floor(['read'], places));
  await measure('ingest', () => untilUnchanged('ingest', places));
  await measure('transform', () => untilUnchanged('transform', places));
  await measure('load', () => untilUnchanged('load', places));
  await measure('floor: COPY into a key', () => floor(['write', file], places));
  process.stdout.write(`${report(measured, rows)}\n`);
  return 0;
}

async function floor(args: readonly string[], places: Record<string, string>): Promise<Usage> {
  const { usage, copySeconds } = await spawnCommand(['bench-floor', ...args], places);
  return { ...usage, seconds: Number(copySeconds) };
}

// Each batch in a process of its own, as a Lambda would.
async function untilUnchanged(stage: string, places: Record<string, string>): Promise<Usage> {
  const usages: Usage[] = [];
  for (;;) {
    const { usage, outcome } = await spawnCommand([stage], places);
    if (outcome === 'unchanged') return addUsage(usages);
    usages.push(usage);
  }
}

function report(measured: readonly { what: string; usage: Usage }[], rows: number): string {
  const secondsOf = (name: string) => measured.find(({ what }) => what === name)!.usage.seconds;
  const floors = { read: secondsOf('floor: COPY to null'), write: secondsOf('floor: COPY into a key') };
  return drawTable(
    ['what', 'rows/s', 'seconds', 'CPU s', 'peak RSS MB', '× floor'],
    measured.map(({ what, usage }) => [
      what,
      Math.round(rows / usage.seconds).toLocaleString('en'),
      usage.seconds.toFixed(1),
      usage.cpuSeconds.toFixed(1),
      Math.round(usage.peakMegabytes).toLocaleString('en'),
      (usage.seconds / (what === 'load' || what.endsWith('key') ? floors.write : floors.read)).toFixed(2),
    ]),
  );
}
