import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStore } from '@totesys/lake';
import { connect, type Sql } from '@totesys/runtime';
import {
  type Cluster,
  createTotesysSchema,
  deleteOrder,
  lateCommit,
  live,
  moveDepartment,
  type OpenChange,
  populate,
} from '@totesys/sandbox';
import { beginChanges, openTransaction } from './change-source.ts';
import { LakeCopy } from './lake-copy.ts';
import { openDatabase, runStage, type Stage, type Surroundings } from './stage-run.ts';
import { readWarehouseState, type WarehouseState } from './warehouse-state.ts';

/** What stages find when a trial starts them: a lake and a warehouse, beside a source that has changed since. */
export interface Scenario {
  readonly stages: readonly Stage[];
  /** `first`: the pipeline has not run yet; `next`: it has. */
  readonly moment: 'first' | 'next';
  /** The lake at the start; undefined for an empty one. */
  readonly lake?: LakeCopy;
  /** The database that is copied for each trial; undefined for an empty one. */
  readonly warehouse?: string;
  /** The bucket that has the lake; undefined for a folder. */
  readonly bucket?: string;
}

/** A source with its changes so far, and the scenarios before it; the same seed makes the same source. */
export interface SimulatedSource {
  readonly seed: number;
  readonly name: string;
  readonly cluster: Cluster;
  readonly folder: string;
  readonly sourceUrl: string;
  readonly source: Sql;
  /** The connections that change the source. */
  readonly author: Sql;
  /** Those of moment `next` come first; a short run tries no others. */
  readonly scenarios: readonly Scenario[];
  /** What the warehouse shows after each batch in a run without faults. */
  readonly states: readonly WarehouseState[];
  /** The lake with all batches in both of its folders. */
  readonly lake: LakeCopy;
  close(): Promise<void>;
}

/** Where a source is simulated. */
export interface SimulationPlace {
  readonly cluster: Cluster;
  readonly folder: string;
  /** Distinguishes the copies of one seed. */
  readonly copy: string;
}

/** Enough for each kind of row, and few enough that a trial takes a moment. */
const ORDERS = { salesOrders: 60, purchaseOrders: 30 };
const STEPS = 14;
const AUTHOR_CONNECTIONS = 5;

/** Simulates a source whose changes make three batches, and runs the pipeline on it without faults. */
export async function simulateSource(seed: number, place: SimulationPlace): Promise<SimulatedSource> {
  const { cluster } = place;
  const name = `chaos_${process.pid}_${seed}_${place.copy}`;
  const folder = join(place.folder, name);
  const sourceUrl = await cluster.createDatabase(name);
  const author = await openAuthor(sourceUrl, seed);
  const source = await openDatabase(sourceUrl, 'source');
  // A writer that stays open: what others commit stays in the fence's window, and each row must still enter the lake
  // once.
  const writer = await lateCommit(author);
  const { scenarios, states, lake } = await runWithoutFaults({ seed, name, cluster, folder, source, author });
  // Each trial makes these changes between its fault and the next run. Here they happen once before the first trial, so
  // that all trials meet the same kinds of changes.
  await (await beginChanges(author))();
  return {
    seed,
    name,
    cluster,
    folder,
    sourceUrl,
    source,
    author,
    states,
    lake,
    scenarios,
    close: () => close({ name, cluster, folder, source, author }, writer),
  };
}

type Opened = Pick<SimulatedSource, 'name' | 'cluster' | 'folder' | 'source' | 'author'>;

async function openAuthor(sourceUrl: string, seed: number): Promise<Sql> {
  const author = await connect(sourceUrl, {
    subject: 'source',
    connections: AUTHOR_CONNECTIONS,
    applicationName: 'totesys-chaos',
  });
  await createTotesysSchema(author);
  await populate(author, { seed, ...ORDERS });
  return author;
}

async function runWithoutFaults({
  seed,
  name,
  cluster,
  folder,
  source,
  author,
}: Opened & { readonly seed: number }): Promise<Pick<SimulatedSource, 'scenarios' | 'states' | 'lake'>> {
  const lake = join(folder, 'lake');
  await mkdir(lake, { recursive: true });
  const warehouseUrl = await cluster.createDatabase(databaseOf(name, 'warehouse'));
  const warehouse = await openDatabase(warehouseUrl, 'warehouse');
  const [ingestion, processed] = [openStore(join(lake, 'ingestion')), openStore(join(lake, 'processed'))];
  const surroundings: Surroundings = { source, warehouse, ingestion, processed };
  const states = [await readWarehouseState(warehouse)];
  const run = async (...stages: Stage[]) => {
    for (const stage of stages) await runStage(stage, surroundings);
    if (stages.includes('load')) states.push(await readWarehouseState(warehouse));
  };

  await run('ingest', 'transform', 'load');
  await changeSource(author, seed);
  const commit = await openTransaction(author);
  await run('ingest');
  const twoRead = await LakeCopy.read(lake, ['ingestion/']);
  await run('transform', 'load');
  const two = await LakeCopy.read(lake, ['']);
  await commit();
  await changeSource(author, seed + 1);
  await breakContract(author);
  await run('ingest');
  const threeRead = await LakeCopy.read(lake, ['']);
  await run('transform');
  const three = await LakeCopy.read(lake, ['']);
  // A database can be a template only while no session uses it.
  await warehouse.end();
  const loaded = databaseOf(name, 'copy');
  await cluster.createDatabase(loaded, { template: databaseOf(name, 'warehouse') });
  states.push(await stateAfterLoad(surroundings, warehouseUrl));
  return { states, lake: three, scenarios: scenariosOf({ twoRead, two, threeRead, three, loaded }) };
}

/**
 * The name of a database of a simulated source: the warehouse that the pipeline loads, or its copy with two batches.
 */
function databaseOf(name: string, role: 'warehouse' | 'copy'): string {
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

function scenariosOf({ twoRead, two, threeRead, three, loaded }: Moments): Scenario[] {
  return [
    { stages: ['ingest'], moment: 'next', lake: two, warehouse: loaded },
    { stages: ['transform'], moment: 'next', lake: threeRead, warehouse: loaded },
    { stages: ['load'], moment: 'next', lake: three, warehouse: loaded },
    { stages: ['ingest'], moment: 'first' },
    { stages: ['transform'], moment: 'first', lake: twoRead },
    { stages: ['load'], moment: 'first', lake: two },
  ];
}

async function close({ name, cluster, folder, source, author }: Opened, writer: OpenChange): Promise<void> {
  await writer.commit().catch(() => {});
  await Promise.all([author.end({ timeout: 1 }), source.end({ timeout: 1 })]);
  for (const database of [name, databaseOf(name, 'warehouse'), databaseOf(name, 'copy')])
    await cluster.dropDatabase(database);
  await rm(folder, { recursive: true, force: true });
}

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
