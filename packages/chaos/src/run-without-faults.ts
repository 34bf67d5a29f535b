import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@totesys/lake';
import type { Sql } from '@totesys/runtime';
import { deleteOrder, live, moveDepartment } from '@totesys/sandbox';
import { openTransaction } from './change-source.ts';
import { HintReport } from './hint-report.ts';
import { LakeCopy } from './lake-copy.ts';
import type { Opened, Scenario, SimulatedSource } from './scenario.ts';
import { NO_AUDIT_MS, type SourceChoice } from './source-choice.ts';
import { keepSlot } from './source-slot.ts';
import { openDatabase, runStage, type Stage, type Surroundings } from './stage-run.ts';
import { readWarehouseState, type WarehouseState } from './warehouse-state.ts';

const STEPS = 14;

/** Runs the pipeline three times beside changes, and keeps what trials begin with. */
export async function runWithoutFaults(
  opened: Opened,
): Promise<Pick<SimulatedSource, 'scenarios' | 'states' | 'lake'>> {
  const { choice, name, cluster, folder, source, author, writer } = opened;
  const { seed, mode } = choice;
  const lake = join(folder, 'lake');
  await mkdir(lake, { recursive: true });
  const warehouseUrl = await cluster.createDatabase(databaseOf(name, 'warehouse'));
  const warehouse = await openDatabase(warehouseUrl, 'warehouse');
  const [ingestion, processed] = [openStore(join(lake, 'ingestion')), openStore(join(lake, 'processed'))];
  const hints = { mode, auditMs: NO_AUDIT_MS, report: new HintReport() };
  const surroundings: Surroundings = { source, warehouse, ingestion, processed, hints };
  const keep = async (slot: string) => {
    // A quiet source keeps no other slot: it would keep all WAL.
    if (mode !== 'off' && !choice.isQuiet) await keepSlot(author, slot);
  };
  const states = [await readWarehouseState(warehouse)];
  const run = async (...stages: Stage[]) => {
    for (const stage of stages) await runStage(stage, surroundings);
    if (stages.includes('load')) states.push(await readWarehouseState(warehouse));
  };

  await keep(SLOTS.first);
  if (mode === 'off') await writer.open();
  await run('ingest', 'transform', 'load');
  // Hints count only after all transactions that were open when the slot was created.
  if (mode !== 'off' && !choice.isQuiet) await writer.open();
  await changeSource(author, seed);
  const commit = await openTransaction(author);
  await run('ingest');
  await keep(SLOTS.two);
  const twoRead = await LakeCopy.read(lake, ['ingestion/']);
  await run('transform', 'load');
  const two = await LakeCopy.read(lake, ['']);
  await commit();
  await changeSource(author, seed + 1);
  await breakContract(author);
  await run('ingest');
  checkUsed(hints);
  const threeRead = await LakeCopy.read(lake, ['']);
  await run('transform');
  const three = await LakeCopy.read(lake, ['']);
  // A database can be a template only while no session uses it.
  await warehouse.end();
  const loaded = databaseOf(name, 'copy');
  await cluster.createDatabase(loaded, { template: databaseOf(name, 'warehouse') });
  states.push(await stateAfterLoad(surroundings, warehouseUrl));
  return { states, lake: three, scenarios: scenariosOf(choice, { twoRead, two, threeRead, three, loaded }) };
}

/** Copies of the slot: before the first batch, and after the second. */
const SLOTS = { first: 'chaos_first', two: 'chaos_two' } as const;

/**
 * The name of a database of a simulated source: the warehouse that the pipeline loads, or its copy with two batches.
 */
export function databaseOf(name: string, role: 'warehouse' | 'copy'): string {
  return `${name}_${role}`;
}

/** The lake after ingest (`…Read`) and after transform of a batch; `loaded` is the warehouse with two batches. */
interface Moments {
  readonly twoRead: LakeCopy;
  readonly two: LakeCopy;
  readonly threeRead: LakeCopy;
  readonly three: LakeCopy;
  readonly loaded: string;
}

function scenariosOf({ mode, isQuiet }: SourceChoice, { twoRead, two, threeRead, three, loaded }: Moments): Scenario[] {
  if (isQuiet) return [{ stages: ['ingest'], moment: 'quiet', lake: three, warehouse: loaded }];
  // Only ingest knows hints.
  if (mode !== 'off') {
    return [
      { stages: ['ingest'], moment: 'next', lake: two, warehouse: loaded, slot: SLOTS.two },
      { stages: ['ingest'], moment: 'first', slot: SLOTS.first },
    ];
  }
  return [
    { stages: ['ingest'], moment: 'next', lake: two, warehouse: loaded },
    { stages: ['transform'], moment: 'next', lake: threeRead, warehouse: loaded },
    { stages: ['load'], moment: 'next', lake: three, warehouse: loaded },
    { stages: ['ingest'], moment: 'first' },
    { stages: ['transform'], moment: 'first', lake: twoRead },
    { stages: ['load'], moment: 'first', lake: two },
  ];
}

// With hints that no run trusts, the trials would show nothing.
function checkUsed({ mode, report }: Surroundings['hints']): void {
  if (mode === 'off' || report.used === RUNS_WITH_HINTS) return;
  const expected = `expected ${RUNS_WITH_HINTS} runs, got ${report.used} (${report.refused})`;
  throw new Error(`The simulated source's hints are not used: ${expected}.`);
}

/** The second and the third run; the first one scans. */
const RUNS_WITH_HINTS = 2;

/** Reads the warehouse's state after everything in the lake has been loaded. */
async function stateAfterLoad(surroundings: Surroundings, warehouseUrl: string): Promise<WarehouseState> {
  const warehouse = await openDatabase(warehouseUrl, 'warehouse');
  try {
    await runStage('load', { ...surroundings, warehouse });
    return await readWarehouseState(warehouse);
  } finally {
    await warehouse.end();
  }
}

// A deletion and a department that moves are always among the changes.
async function changeSource(author: Sql, seed: number): Promise<void> {
  for await (const _step of live(author, { seed, steps: STEPS }));
  await author.begin((sql) => deleteOrder(sql));
  await author.begin((sql) => moveDepartment(sql));
}

// One value that the lake cannot carry and one that the warehouse cannot: each stage has a row to put into quarantine.
async function breakContract(author: Sql): Promise<void> {
  await author`update purchase_order set item_unit_price = 'NaN' where purchase_order_id = 3`;
  await author`
    update sales_order set agreed_payment_date = 'soon'
     where sales_order_id = (select min(sales_order_id) from sales_order)`;
}
