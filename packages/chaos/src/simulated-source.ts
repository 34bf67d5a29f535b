import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, type Sql } from '@totesys/runtime';
import { type Cluster, createTotesysSchema, populate } from '@totesys/sandbox';
import { beginChanges } from './change-source.ts';
import { OpenWriter } from './open-writer.ts';
import { databaseOf, runWithoutFaults } from './run-without-faults.ts';
import type { Opened, SimulatedSource } from './scenario.ts';
import type { SourceChoice } from './source-choice.ts';
import { setUpHints, startHintedCluster } from './source-slot.ts';
import { openDatabase } from './stage-run.ts';

/** Where a source is simulated. */
export interface SimulationPlace {
  readonly cluster: Cluster;
  readonly folder: string;
  /** Distinguishes the copies of one seed. */
  readonly copy: string;
}

/** Enough for each kind of row, and few enough that a trial takes a moment. */
const ORDERS = { salesOrders: 60, purchaseOrders: 30 };
const AUTHOR_CONNECTIONS = 5;

/** Simulates a source whose changes make three batches, and runs the pipeline on it without faults. */
export async function simulateSource(choice: SourceChoice, place: SimulationPlace): Promise<SimulatedSource> {
  const name = `chaos_${process.pid}_${choice.seed}_${place.copy}`;
  // The slot belongs to the server, so a source with hints has a server of its own.
  const own = choice.mode === 'off' ? undefined : await startHintedCluster();
  try {
    const sourceUrl = await (own ?? place.cluster).createDatabase(name);
    const author = await openAuthor(sourceUrl, choice);
    const source = await openDatabase(sourceUrl, 'source', choice.mode);
    const writer = new OpenWriter(author);
    const opened: Opened = {
      choice,
      name,
      cluster: place.cluster,
      folder: join(place.folder, name),
      sourceUrl,
      source,
      author,
      writer,
    };
    const run = await runWithoutFaults(opened);
    // Each trial makes these changes between its fault and the next run. Here they happen once before the first trial,
    // so that all trials meet the same kinds of changes.
    await (await beginChanges(author))();
    return { ...opened, ...run, close: () => close(opened, own) };
  } catch (error) {
    await own?.stop();
    throw error;
  }
}

async function openAuthor(sourceUrl: string, { seed, mode }: SourceChoice): Promise<Sql> {
  const author = await connect(sourceUrl, {
    subject: 'source',
    connections: AUTHOR_CONNECTIONS,
    applicationName: 'totesys-chaos',
  });
  await createTotesysSchema(author);
  await populate(author, { seed, ...ORDERS });
  if (mode !== 'off') await setUpHints(author);
  return author;
}

async function close(
  { name, cluster, folder, source, author, writer }: Opened,
  own: Cluster | undefined,
): Promise<void> {
  await writer.close();
  await Promise.all([author.end({ timeout: 1 }), source.end({ timeout: 1 })]);
  for (const database of [name, databaseOf(name, 'warehouse'), databaseOf(name, 'copy')])
    await cluster.dropDatabase(database);
  await rm(folder, { recursive: true, force: true });
  await own?.stop();
}
