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
  populate,
} from '@totesys/sandbox';
import { beginLife, openTransaction } from './begin-life.ts';
import { LakeCopy } from './lake-copy.ts';
import { openDatabase, runStage, type Stage, type Surroundings } from './stage-run.ts';
import { readWarehouseState, type WarehouseState } from './warehouse-state.ts';

/** Where a stage stands when it is struck: a lake and a warehouse to begin with, before a source that has lived on. */
export interface Scene {
  readonly stages: readonly Stage[];
  /** Whether there is nothing yet, or a pipeline that has run before. */
  readonly moment: 'first' | 'next';
  /** The lake to begin with; undefined for an empty one. */
  readonly lake?: LakeCopy;
  /** The database that is copied for each trial; undefined for an empty one. */
  readonly warehouse?: string;
  /** The bucket below which the lake lies; undefined for a folder. */
  readonly bucket?: string;
}

/** A source with its life so far, and the scenes before it; the same seed gives the same. */
export interface World {
  readonly seed: number;
  readonly name: string;
  readonly cluster: Cluster;
  readonly folder: string;
  readonly sourceUrl: string;
  readonly source: Sql;
  /** To let the source live on. */
  readonly author: Sql;
  /** First those of a pipeline that has run before; a short form leaves the others out. */
  readonly scenes: readonly Scene[];
  /** What the warehouse shows behind each batch, where nobody is killed. */
  readonly states: readonly WarehouseState[];
  /** The lake with all batches in both of its folders. */
  readonly lake: LakeCopy;
  close(): Promise<void>;
}

/** Where a world is made. */
export interface WorldPlace {
  readonly cluster: Cluster;
  readonly folder: string;
  /** What tells worlds of one seed apart. */
  readonly lane: string;
}

/** Enough for every kind of row, few enough that a trial takes a moment. */
const ORDERS = { salesOrders: 60, purchaseOrders: 30 };
const STEPS = 14;
const AUTHOR_CONNECTIONS = 5;

/** Makes a world: three batches, each of another piece of the source's life. */
export async function makeWorld(seed: number, place: WorldPlace): Promise<World> {
  const { cluster } = place;
  const name = `chaos_${process.pid}_${seed}_${place.lane}`;
  const folder = join(place.folder, name);
  const lakeFolder = join(folder, 'lake');
  await mkdir(lakeFolder, { recursive: true });
  const sourceUrl = await cluster.createDatabase(name);
  const warehouseUrl = await cluster.createDatabase(`${name}_one`);
  const author = await connect(sourceUrl, {
    subject: 'source',
    connections: AUTHOR_CONNECTIONS,
    applicationName: 'totesys-chaos',
  });
  await createTotesysSchema(author);
  await populate(author, { seed, ...ORDERS });
  const source = await openDatabase(sourceUrl, 'source');
  const warehouse = await openDatabase(warehouseUrl, 'warehouse');
  const surroundings: Surroundings = {
    source,
    warehouse,
    ingestion: openStore(join(lakeFolder, 'ingestion')),
    processed: openStore(join(lakeFolder, 'processed')),
  };
  const states = [await readWarehouseState(warehouse)];
  const run = async (...stages: Stage[]) => {
    for (const stage of stages) await runStage(stage, surroundings);
    if (stages.includes('load')) states.push(await readWarehouseState(warehouse));
  };

  // A writer that never ends: what others commit stays in the fence's window, and each row must enter the lake once all the same.
  const writer = await lateCommit(author);
  await run('ingest', 'transform', 'load');
  await liveOn(author, seed);
  const commit = await openTransaction(author);
  await run('ingest');
  const twoRead = await LakeCopy.read(lakeFolder, ['ingestion/']);
  await run('transform', 'load');
  const two = await LakeCopy.read(lakeFolder, ['']);
  await commit();
  await liveOn(author, seed + 1);
  await breakContract(author);
  await run('ingest');
  const threeRead = await LakeCopy.read(lakeFolder, ['']);
  await run('transform');
  const three = await LakeCopy.read(lakeFolder, ['']);
  // A database is copied while nobody is in it.
  await warehouse.end();
  const loaded = `${name}_two`;
  await cluster.createDatabase(loaded, { template: `${name}_one` });
  states.push(await stateBehind(surroundings, warehouseUrl));
  // What happens between a kill and the next run has happened before, so that no later trial meets another sort of change.
  await (await beginLife(author))();

  return {
    seed,
    name,
    cluster,
    folder,
    sourceUrl,
    source,
    author,
    states,
    lake: three,
    scenes: [
      { stages: ['ingest'], moment: 'next', lake: two, warehouse: loaded },
      { stages: ['transform'], moment: 'next', lake: threeRead, warehouse: loaded },
      { stages: ['load'], moment: 'next', lake: three, warehouse: loaded },
      { stages: ['ingest'], moment: 'first' },
      { stages: ['transform'], moment: 'first', lake: twoRead },
      { stages: ['load'], moment: 'first', lake: two },
    ],
    close: async () => {
      await writer.commit().catch(() => {});
      await Promise.all([author.end({ timeout: 1 }), source.end({ timeout: 1 })]);
      for (const database of [name, `${name}_one`, loaded]) await cluster.dropDatabase(database);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The warehouse's state once all that waits is loaded. */
async function stateBehind(surroundings: Surroundings, warehouseUrl: string): Promise<WarehouseState> {
  const warehouse = await openDatabase(warehouseUrl, 'warehouse');
  try {
    await runStage('load', { ...surroundings, warehouse });
    return await readWarehouseState(warehouse);
  } finally {
    await warehouse.end();
  }
}

// A deletion and a department that moves are always among what happens.
async function liveOn(author: Sql, seed: number): Promise<void> {
  for await (const _step of live(author, { seed, steps: STEPS }));
  await author.begin((sql) => deleteOrder(sql));
  await author.begin((sql) => moveDepartment(sql));
}

// One value that the lake cannot carry, one that the warehouse cannot: each stage has something to put into quarantine.
async function breakContract(author: Sql): Promise<void> {
  await author`update purchase_order set item_unit_price = 'NaN' where purchase_order_id = 3`;
  await author`
    update sales_order set agreed_payment_date = 'soon' where sales_order_id = (select min(sales_order_id) from sales_order)`;
}
