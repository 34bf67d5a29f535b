import {
  findIngestionManifest,
  findLastProof,
  findNewestBatch,
  findProcessedManifest,
  type IngestionManifest,
  listOpenRequests,
  requestStateOf,
  type Store,
  type StoredProof,
} from '@totesys/lake';
import { countHeld } from '@totesys/reconcile';
import { atDatabase, inTransaction, ONE_SNAPSHOT } from '@totesys/runtime';
import { countUnread } from '@totesys/source';
import { readLedgerHead } from '@totesys/warehouse';
import { sumWaiting, type Waiting } from '../batches/sum-waiting.ts';
import type { CommandContext } from '../process/command-context.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';

/** The most batches after a checkpoint that are read for quarantine, so that `status` takes seconds at most. */
const QUARANTINE_BATCHES = 1_000;

/** The newest batch of each place, what waits, and what is not read yet. */
export interface Status {
  readonly ingestion: PlaceStatus;
  readonly processed: PlaceStatus;
  /** Null if the warehouse was not named. */
  readonly warehouse: (PlaceStatus & { readonly held: number }) | null;
  /** If the warehouse was not named, nothing waits for load. */
  readonly waiting: { readonly transform: Waiting; readonly load: Waiting };
  /** Rows in quarantine as of batch `quarantinedThrough`. */
  readonly quarantined: number;
  readonly quarantinedThrough: number;
  readonly requests: number;
  /** The last proof, if there is one. */
  readonly proof: StoredProof | undefined;
  readonly tables: readonly TableStatus[];
}

/** The newest batch of a place, 0 for none, and when it was read by the source's clock in UTC. */
export interface PlaceStatus {
  readonly newestBatch: number;
  readonly sourceClock: string | null;
}

/** A source table as the newest batch knows it; `unread` is null if the source was not asked. */
export interface TableStatus {
  readonly table: string;
  readonly rows: number;
  readonly coverage: string;
  readonly unread: Omit<UnreadRows, 'table'> | null;
}

/** Reads the status of all places. With `asksSource` false it does not scan the source, even if it is named. */
export async function readStatus(context: CommandContext, asksSource = true): Promise<Status> {
  const { model, places } = context;
  const [ingestion, processed] = [context.ingestion(), context.processed()];
  const read = await findNewestBatch(ingestion);
  const transformed = await findNewestBatch(processed);
  const loaded = places.warehouse === undefined ? undefined : await readLoaded(context);
  const unread = places.source === undefined || !asksSource ? undefined : await readUnread(context, ingestion);
  const waiting = await sumWaiting(
    { ingestion, processed },
    { read, transformed, loaded: loaded?.batch ?? transformed },
  );
  const quarantine = await quarantineOf(context, QUARANTINE_BATCHES);
  const newest = read === 0 ? undefined : (await findIngestionManifest(ingestion, read))?.manifest;
  const derived = transformed === 0 ? undefined : (await findProcessedManifest(processed, transformed))?.manifest;
  return {
    ingestion: { newestBatch: read, sourceClock: newest?.sourceClock ?? null },
    processed: { newestBatch: transformed, sourceClock: derived?.sourceClock ?? null },
    warehouse: loaded ? { newestBatch: loaded.batch, sourceClock: loaded.sourceClock, held: loaded.held } : null,
    waiting,
    quarantined: quarantine.open.count,
    quarantinedThrough: quarantine.batch,
    requests: await countRequests(ingestion, newest),
    proof: await findLastProof(processed, transformed),
    tables: model.source.map(({ name }) => tableStatus(name, newest, unread)),
  };
}

async function readLoaded(context: CommandContext) {
  const warehouse = await context.warehouse();
  return atDatabase('warehouse', () =>
    inTransaction(warehouse, ONE_SNAPSHOT, async (sql) => ({
      ...(await readLedgerHead(sql)),
      held: await countHeld(sql),
    })),
  );
}

type UnreadRows = NonNullable<Awaited<ReturnType<typeof countUnread>>>[number];

function tableStatus(
  table: string,
  newest: IngestionManifest | undefined,
  unread: UnreadRows[] | undefined,
): TableStatus {
  const state = newest?.tables[table];
  const coverage = state?.coverage ?? 'none';
  const found = unread?.find((candidate) => candidate.table === table);
  return {
    table,
    rows: state?.keys.count ?? 0,
    coverage: typeof coverage === 'string' ? coverage : `through ${coverage.through}`,
    unread: found ? { changed: found.changed, deleted: found.deleted, isCovered: found.isCovered } : null,
  };
}

async function readUnread(context: CommandContext, ingestion: Store): Promise<UnreadRows[] | undefined> {
  const unread = await countUnread({ model: context.model, source: await context.source(), ingestion });
  if (!unread)
    context.terminal.log('warning: another ingest is running, so changes that are not read yet are not counted');
  return unread;
}

async function countRequests(ingestion: Store, newest: IngestionManifest | undefined): Promise<number> {
  let requests = 0;
  for await (const { object } of listOpenRequests(ingestion, requestStateOf(newest))) if (object) requests++;
  return requests;
}
