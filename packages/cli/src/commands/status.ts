import {
  findIngestionManifest,
  findNewestBatch,
  findProcessedManifest,
  type IngestionManifest,
  listOpenRequests,
  requestStateOf,
  type Store,
} from '@totesys/lake';
import { countHeld } from '@totesys/reconcile';
import { atDatabase, inTransaction, ONE_SNAPSHOT } from '@totesys/runtime';
import { countUnread } from '@totesys/source';
import { readLedgerHead } from '@totesys/warehouse';
import { sumWaiting, type Waiting } from '../batches/sum-waiting.ts';
import { countOf } from '../format/count-of.ts';
import type { Command, CommandContext } from '../process/command-context.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';
import { drawTable } from '../terminal/draw-table.ts';

/** Batches after the last checkpoint in which `status` looks for quarantine: it answers in seconds, however many there are. */
const QUARANTINE_BATCHES = 1_000;

/** `totesys status`: what is in each lake and in the warehouse, what waits where, and what has not been read yet. */
export const status: Command = async (context) => {
  const { terminal, model, places } = context;
  const [ingestion, processed] = [context.ingestion(), context.processed()];
  const read = await findNewestBatch(ingestion);
  const transformed = await findNewestBatch(processed);
  const loaded = places.warehouse === undefined ? undefined : await readLoaded(context);
  const unread = places.source === undefined ? undefined : await readUnread(context, ingestion);
  const waiting = await sumWaiting(
    { ingestion, processed },
    { read, transformed, loaded: loaded?.batch ?? transformed },
  );
  const quarantine = await quarantineOf(context, QUARANTINE_BATCHES);
  const newest = read === 0 ? undefined : (await findIngestionManifest(ingestion, read))?.manifest;
  const derived = transformed === 0 ? undefined : (await findProcessedManifest(processed, transformed))?.manifest;
  const clocks = { ingestion: newest?.sourceClock ?? null, processed: derived?.sourceClock ?? null };
  const requests = await countRequests(ingestion, newest);
  const tables = model.source.map(({ name }) => tableStatus(name, newest, unread));

  terminal.clearBars();
  terminal.say(
    drawTable(
      ['place', 'newest batch', 'read at', 'batches waiting', 'rows waiting'],
      [
        ['ingestion', read, describeClock(clocks.ingestion), ...describeWaiting(waiting.transform)],
        ['processed', transformed, describeClock(clocks.processed), ...describeWaiting(waiting.load)],
        ['warehouse', loaded?.batch ?? 'not asked', describeClock(loaded?.sourceClock ?? null), '', ''],
      ],
    ),
  );
  terminal.say(
    drawTable(
      ['source table', 'rows known', 'read', 'changes not yet read'],
      tables.map((table) => [table.table, table.rows, table.coverage, describeUnread(table.unread)]),
    ),
  );
  terminal.say(
    `In quarantine: ${countOf(quarantine.open.count, 'row')}${describeLimit(quarantine.batch, transformed)}`,
  );
  if (requests > 0) terminal.say(`Requests that the next ingest answers: ${requests.toLocaleString('en')}`);
  if (loaded) terminal.say(`Held until their dimensions come: ${countOf(loaded.held, 'row')}`);
  return {
    ok: true,
    command: 'status',
    ingestion: { newestBatch: read, sourceClock: clocks.ingestion },
    processed: { newestBatch: transformed, sourceClock: clocks.processed },
    warehouse: loaded ? { newestBatch: loaded.batch, sourceClock: loaded.sourceClock, held: loaded.held } : null,
    waiting: { transform: waiting.transform, load: loaded === undefined ? null : waiting.load },
    quarantined: quarantine.open.count,
    quarantinedThrough: quarantine.batch,
    requests,
    tables,
  };
};

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

interface TableStatus {
  readonly table: string;
  readonly rows: number;
  readonly coverage: string;
  readonly unread: Omit<UnreadRows, 'table'> | null;
}

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

function describeWaiting({ batches, rows, isLeast }: Waiting): (string | number)[] {
  return [batches, isLeast ? `at least ${rows.toLocaleString('en')}` : rows];
}

// The source's own clock, which is UTC.
function describeClock(clock: string | null): string {
  return clock === null ? '' : clock.slice(0, 19).replace('T', ' ');
}

function describeUnread(unread: TableStatus['unread']): string {
  if (unread === null) return 'not asked';
  const parts = [
    ...(unread.changed > 0 ? [`${unread.changed.toLocaleString('en')} changed`] : []),
    ...(unread.deleted > 0 ? [`at least ${unread.deleted.toLocaleString('en')} deleted`] : []),
    ...(unread.isCovered ? [] : ['not read to its end']),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function describeLimit(batch: number, transformed: number): string {
  if (batch >= transformed) return '';
  return `, through batch ${batch} of ${transformed}. To look at the rest, run: totesys quarantine list`;
}

async function readUnread(context: CommandContext, ingestion: Store): Promise<UnreadRows[] | undefined> {
  const unread = await countUnread({ model: context.model, source: await context.source(), ingestion });
  if (!unread) context.terminal.complain('warning: another ingest is at work; changes not yet read are not counted');
  return unread;
}

async function countRequests(ingestion: Store, newest: IngestionManifest | undefined): Promise<number> {
  let requests = 0;
  for await (const { object } of listOpenRequests(ingestion, requestStateOf(newest))) if (object) requests++;
  return requests;
}
