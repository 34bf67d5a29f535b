import { countUnread } from '@totesys/ingest';
import {
  findIngestionManifest,
  findNewestBatch,
  findProcessedManifest,
  type IngestionManifest,
  listOpenRequests,
  requestStateOf,
  type Store,
} from '@totesys/lake';
import type { Command, CommandContext } from '../command-context.ts';
import { drawTable } from '../draw-table.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';
import { findLoadedBatch } from '../read-ledger.ts';
import { readHeld } from '../reconcile/read-held.ts';

/** Batches whose manifests are read for the sum of what waits: the newest ones. */
const MOST_MANIFESTS = 1_000;

/** `totesys status`: what is in each lake and in the warehouse, what waits where, and what has not been read yet. */
export const status: Command = async (context) => {
  const { terminal, model } = context;
  const [ingestion, processed] = [context.ingestion(), context.processed()];
  const read = await findNewestBatch(ingestion);
  const transformed = await findNewestBatch(processed);
  const loaded = context.places.warehouse === undefined ? undefined : await findLoadedBatch(await context.warehouse());
  const unread = context.places.source === undefined ? undefined : await readUnread(context, ingestion);
  const held = loaded === undefined ? undefined : await countHeld(context);
  const rows = await sumBatches(ingestion, processed, read, { transformed, loaded: loaded ?? transformed });
  const { open } = await quarantineOf(context);
  const newest = read === 0 ? undefined : (await findIngestionManifest(ingestion, read))?.manifest;
  const requests = await countRequests(ingestion, newest);
  const tables = model.source.map(({ name }) => tableStatus(name, newest, unread));

  terminal.clearBars();
  terminal.say(
    drawTable(
      ['place', 'newest batch', 'batches waiting', 'rows waiting'],
      [
        ['ingestion', read, Math.max(0, read - transformed), rows.forTransform],
        ['processed', transformed, Math.max(0, transformed - (loaded ?? transformed)), rows.forLoad],
        ['warehouse', loaded ?? 'not asked', '', ''],
      ],
    ),
  );
  terminal.say(
    drawTable(
      ['source table', 'rows known', 'read', 'changes not yet read'],
      tables.map((table) => [table.table, table.rows, table.coverage, describeUnread(table.unread)]),
    ),
  );
  terminal.say(`In quarantine: ${open.count.toLocaleString('en')} rows`);
  if (requests > 0) terminal.say(`Requests that the next ingest answers: ${requests}`);
  if (held !== undefined) terminal.say(`Held until their dimensions come: ${held} rows`);
  return {
    ok: true,
    command: 'status',
    ingestion: { newestBatch: read, sourceClock: newest?.sourceClock ?? null },
    processed: { newestBatch: transformed },
    warehouse: loaded === undefined ? null : { newestBatch: loaded, held },
    waiting: {
      transform: { batches: Math.max(0, read - transformed), rows: rows.forTransform },
      load: loaded === undefined ? null : { batches: Math.max(0, transformed - loaded), rows: rows.forLoad },
    },
    quarantined: open.count,
    requests,
    tables,
  };
};

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

function describeUnread(unread: TableStatus['unread']): string {
  if (unread === null) return 'not asked';
  const parts = [
    ...(unread.changed > 0 ? [`${unread.changed.toLocaleString('en')} changed`] : []),
    ...(unread.deleted > 0 ? [`at least ${unread.deleted.toLocaleString('en')} deleted`] : []),
    ...(unread.isCovered ? [] : ['not read to its end']),
  ];
  return parts.length === 0 ? 'none' : parts.join(', ');
}

async function readUnread(context: CommandContext, ingestion: Store): Promise<UnreadRows[] | undefined> {
  const unread = await countUnread({ model: context.model, source: await context.source(), ingestion });
  if (!unread) context.terminal.complain('warning: another ingest is at work; changes not yet read are not counted');
  return unread;
}

async function countHeld(context: CommandContext): Promise<number> {
  const held = await readHeld(await context.warehouse());
  return [...held.values()].reduce((sum, ids) => sum + ids.size, 0);
}

async function countRequests(ingestion: Store, newest: IngestionManifest | undefined): Promise<number> {
  let requests = 0;
  for await (const { object } of listOpenRequests(ingestion, requestStateOf(newest))) if (object) requests++;
  return requests;
}

async function sumBatches(
  ingestion: Store,
  processed: Store,
  newest: number,
  done: { transformed: number; loaded: number },
): Promise<{ forTransform: number; forLoad: number }> {
  const sum = { forTransform: 0, forLoad: 0 };
  const rowsOf = (parts: readonly { rows: number }[]) => parts.reduce((total, { rows }) => total + rows, 0);
  const first = Math.max(Math.min(done.transformed, done.loaded) + 1, newest - MOST_MANIFESTS + 1);
  for (let batch = first; batch <= newest; batch++) {
    const read = (await findIngestionManifest(ingestion, batch))?.manifest;
    const derived = batch <= done.transformed ? (await findProcessedManifest(processed, batch))?.manifest : undefined;
    if (read && batch > done.transformed)
      sum.forTransform += rowsOf(read.parts.filter(({ role }) => role === 'changed'));
    if (derived && batch > done.loaded) sum.forLoad += rowsOf(derived.parts);
  }
  return sum;
}
