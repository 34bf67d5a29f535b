import { once } from 'node:events';
import { createContext, drawTable, ExitCode, openTerminal, runStages, type Terminal } from '@totesys/cli';
import { connect, type Sql } from '@totesys/runtime';
import { createTotesysSchema, populate, type Sandbox, withSandbox } from '@totesys/sandbox';
import { type LostChange, prepareLostChanges } from './lost-changes.ts';

/** Each order has a transaction and a payment: about 50,000 rows in total. */
const SIZE = { seed: 2024, salesOrders: 11_000, purchaseOrders: 5_500 };

/**
 * Runs `make demo`: loads a totesys database into the star schema, then five changes that a poll of `last_updated`
 * loses.
 */
export function demo(options: { keep?: unknown }): Promise<number> {
  return withSandbox('demo', async (sandbox) => {
    const terminal = openTerminal({ json: false, verbose: false });
    const exitCode = await show(sandbox, terminal);
    if (options.keep === true) await keep(sandbox, terminal);
    else terminal.print(NEXT);
    return exitCode;
  });
}

async function show({ sourceUrl, warehouseUrl, folder, interrupted }: Sandbox, terminal: Terminal): Promise<number> {
  const startedMs = performance.now();
  const places = {
    source: sourceUrl,
    warehouse: warehouseUrl,
    ingestion: `${folder}/ingestion`,
    processed: `${folder}/processed`,
  };
  const context = createContext(places, terminal, interrupted);
  const author = await connect(sourceUrl, { subject: 'source', connections: 6, applicationName: 'totesys-demo' });
  const opened = [author];
  try {
    terminal.print('\n1. Filling a totesys database with orders, purchases and payments …');
    await createTotesysSchema(author);
    await populate(author, SIZE);
    const changes = await prepareLostChanges(author);

    terminal.print('\n2. Loading it into the star schema …');
    await runStages(context);
    const warehouse = await connect(warehouseUrl, {
      subject: 'warehouse',
      connections: 1,
      applicationName: 'totesys-demo',
    });
    opened.push(warehouse);
    const before = await lookAt(changes, warehouse);

    terminal.print('\n3. Making five changes that a poll of last_updated loses, and running the pipeline again …');
    for (const { make } of changes) await make();
    const changedMs = performance.now();
    await runStages(context);
    const seconds = ((performance.now() - changedMs) / 1000).toFixed(1);

    const after = await lookAt(changes, warehouse);
    const isSeen = changes.every((_, index) => before[index] !== after[index]);
    terminal.print(`\nIn the warehouse ${seconds} s later:\n`);
    terminal.print(
      drawTable(
        ['change', 'last_updated', 'warehouse before', 'warehouse after', ''],
        changes.map(({ title, stamp }, index) => [
          title,
          stamp,
          before[index]!,
          after[index]!,
          before[index] !== after[index] ? '✓' : '✗',
        ]),
      ),
    );
    terminal.print(`\nDone in ${((performance.now() - startedMs) / 1000).toFixed(0)} s.`);
    return isSeen ? ExitCode.done : ExitCode.wrong;
  } finally {
    await context.close();
    for (const pool of opened) await pool.end({ timeout: 1 });
  }
}

async function lookAt(changes: readonly LostChange[], warehouse: Sql): Promise<string[]> {
  return Promise.all(changes.map(({ look }) => look(warehouse)));
}

const NEXT = `
What to try next:
  make demo KEEP=1   leaves source and warehouse running, with their URLs for psql
  make test          all tests
  make bench         time and memory of each stage
  docs/command.md    all commands of totesys`;

// Written without the terminal, which removes URLs: these databases are open to this machine only.
async function keep({ sourceUrl, warehouseUrl, folder, interrupted }: Sandbox, terminal: Terminal): Promise<void> {
  terminal.clearBars();
  process.stdout.write(`
The databases are running. Look at them:
  psql '${sourceUrl}'
  psql '${warehouseUrl}'
  ls ${folder}
Change something in the source, then load it and reconcile:
  export SOURCE_URL='${sourceUrl}' WAREHOUSE_URL='${warehouseUrl}' LAKE='${folder}'
  node_modules/.bin/totesys run && node_modules/.bin/totesys reconcile
Ctrl-C stops them and removes everything.
`);
  if (!interrupted.aborted) await once(interrupted, 'abort');
}
