import type { StoredProof } from '@totesys/lake';
import { readWatermarks } from '@totesys/publish';
import { PipelineError } from '@totesys/runtime';
import type { Waiting } from '../batches/sum-waiting.ts';
import { countOf } from '../format/count-of.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { describeProof, summarizeProof } from '../reconcile/say-proof.ts';
import { publishDeps } from '../stages/run-publish.ts';
import { type PlaceStatus, readStatus, type Status, type TableStatus } from '../status/read-status.ts';
import { drawTable } from '../terminal/draw-table.ts';
import type { Terminal } from '../terminal/terminal.ts';

const status: Command = async (context) => {
  const { terminal } = context;
  const found = await readStatus(context);
  terminal.clearBars();
  printStatus(terminal, found);
  terminal.print(sayLastProof(found.proof));
  const published = await readPublished(context);
  const { transform, load } = found.waiting;
  return {
    ...{ ok: true, command: 'status', ...found },
    waiting: { transform, load: found.warehouse ? load : null },
    proof: summarizeProof(found.proof),
    ...(published && { published }),
  };
};

/** `totesys status`: the newest batch of each place, what waits, and what is not read yet. */
export const statusCommand: CommandDefinition = {
  usage: 'status',
  summary: 'show the newest batch of each place, what waits and what is in quarantine',
  needs: ['ingestion', 'processed'],
  notes: 'With --warehouse, it also shows what is loaded; with --source, the changes that are not read yet.',
  run: status,
};

// A table that another writer has changed is a line of the status, not its end.
async function readPublished(context: CommandContext): Promise<object | undefined> {
  if (context.places.iceberg === undefined) return undefined;
  const { terminal } = context;
  try {
    const watermarks = await readWatermarks(publishDeps(context));
    if (Object.keys(watermarks).length === 0) return undefined;
    terminal.print(drawTable(['Iceberg table', 'published up to batch'], Object.entries(watermarks)));
    return { watermarks };
  } catch (error) {
    if (!(error instanceof PipelineError)) throw error;
    terminal.print(`iceberg    ${error.message}`);
    return { error: error.code };
  }
}

function printStatus(
  terminal: Terminal,
  { ingestion, processed, warehouse, waiting, quarantined, quarantinedThrough, requests, tables }: Status,
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
