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
import { countOf } from '../format/count-of.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';
import { describeProof, summarizeProof } from '../reconcile/say-proof.ts';
import { drawTable } from '../terminal/draw-table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The most batches after a checkpoint that are read for quarantine, so that `status` takes seconds at most. */
const QUARANTINE_BATCHES = 1_000;

const status: Command = async (context) => {
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
  const proof = await findLastProof(processed, transformed);
  const newest = read === 0 ? undefined : (await findIngestionManifest(ingestion, read))?.manifest;
  const derived = transformed === 0 ? undefined : (await findProcessedManifest(processed, transformed))?.manifest;
  const result = {
    ok: true,
    command: 'status',
    ingestion: { newestBatch: read, sourceClock: newest?.sourceClock ?? null },
    processed: { newestBatch: transformed, sourceClock: derived?.sourceClock ?? null },
    warehouse: loaded ? { newestBatch: loaded.batch, sourceClock: loaded.sourceClock, held: loaded.held } : null,
    waiting: { transform: waiting.transform, load: loaded === undefined ? null : waiting.load },
    quarantined: quarantine.open.count,
    quarantinedThrough: quarantine.batch,
    requests: await countRequests(ingestion, newest),
    proof: summarizeProof(proof),
    tables: model.source.map(({ name }) => tableStatus(name, newest, unread)),
  };
  terminal.clearBars();
  printStatus(terminal, result, waiting);
  terminal.print(sayLastProof(proof));
  return result;
};

/** `totesys status`: the newest batch of each place, what waits, and what is not read yet. */
export const statusCommand: CommandDefinition = {
  usage: 'status',
  summary: 'show the newest batch of each place, what waits and what is in quarantine',
  needs: ['ingestion', 'processed'],
  notes: 'With --warehouse, it also shows what is loaded; with --source, the changes that are not read yet.',
  run: status,
};

interface Status {
  readonly ingestion: PlaceStatus;
  readonly processed: PlaceStatus;
  readonly warehouse: (PlaceStatus & { readonly held: number }) | null;
  readonly quarantined: number;
  readonly quarantinedThrough: number;
  readonly requests: number;
  readonly tables: readonly TableStatus[];
}

interface PlaceStatus {
  readonly newestBatch: number;
  readonly sourceClock: string | null;
}

function printStatus(
  terminal: Terminal,
  { ingestion, processed, warehouse, quarantined, quarantinedThrough, requests, tables }: Status,
  waiting: { readonly transform: Waiting; readonly load: Waiting },
): void {
  const describePlace = ({ newestBatch, sourceClock }: PlaceStatus) => [newestBatch, describeClock(sourceClock)];
  terminal.print(
    drawTable(
      ['place', 'newest batch', 'read at', 'batches waiting', 'rows waiting'],
      [
        ['ingestion', ...describePlace(ingestion), ...describeWaiting(waiting.transform)],
        ['processed', ...describePlace(processed), ...describeWaiting(waiting.load)],
        ['warehouse', ...(warehouse ? describePlace(warehouse) : ['not checked', '']), '', ''],
      ],
    ),
  );
  terminal.print(
    drawTable(
      ['source table', 'rows known', 'read', 'changes not yet read'],
      tables.map((table) => [table.table, table.rows, table.coverage, describeUnread(table.unread)]),
    ),
  );
  const limit = describeLimit(quarantinedThrough, processed.newestBatch);
  terminal.print(`In quarantine: ${countOf(quarantined, 'row')}${limit}`);
  if (requests > 0) terminal.print(`Requests for the next ingest: ${requests.toLocaleString('en')}`);
  if (warehouse) terminal.print(`Held until their dimension rows arrive: ${countOf(warehouse.held, 'row')}`);
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

function sayLastProof(last: StoredProof | undefined): string {
  if (!last) return 'Last proof: none. To prove the warehouse, run: totesys prove';
  return `Last proof: ${describeClock(last.proof.clock)}, ${describeProof(last.proof)}`;
}

// The source's clock, in UTC.
function describeClock(clock: string | null): string {
  return clock === null ? '' : clock.slice(0, 19).replace('T', ' ');
}

function describeUnread(unread: TableStatus['unread']): string {
  if (unread === null) return 'not checked';
  const parts = [
    ...(unread.changed > 0 ? [`${unread.changed.toLocaleString('en')} changed`] : []),
    ...(unread.deleted > 0 ? [`at least ${unread.deleted.toLocaleString('en')} deleted`] : []),
    ...(unread.isCovered ? [] : ['not read completely']),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

function describeLimit(batch: number, transformed: number): string {
  if (batch >= transformed) return '';
  return `, up to batch ${batch} of ${transformed}. To read the rest, run: totesys quarantine list`;
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
