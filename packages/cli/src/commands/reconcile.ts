import type { Connection, Sql } from '@totesys/runtime';
import { describeDatabaseError } from '@totesys/runtime';
import type { Command } from '../command-context.ts';
import { drawTable } from '../draw-table.ts';
import { compareCalendar } from '../reconcile/compare-calendar.ts';
import { compareTable, type Sides } from '../reconcile/compare-table.ts';
import type { Difference, TableComparison } from '../reconcile/difference.ts';
import { readHeld } from '../reconcile/read-held.ts';

/** Differences that are named one by one; the counts have them all. */
const MOST_NAMED = 1_000;
/** Of those, how many a person is shown. */
const MOST_SHOWN = 50;

/** `totesys reconcile`: the warehouse's current state against the source, each side under one snapshot. */
export const reconcile: Command = async (context) => {
  const { model, terminal } = context;
  const telemetry = terminal.telemetryOf('reconcile');
  const [source, warehouse] = [await context.source(), await context.warehouse()];
  const differences: Difference[] = [];
  const report = (difference: Difference) => {
    if (differences.length < MOST_NAMED) differences.push(difference);
  };
  const tables: TableComparison[] = [];
  await underSnapshots(source, warehouse, async (sides) => {
    const held = await readHeld(sides.warehouse);
    for (const table of model.warehouse) {
      const progress = (rows: number) => telemetry.progress(table.name, rows);
      tables.push(
        table.kind === 'calendar'
          ? await compareCalendar(model, table, sides, report)
          : await compareTable(model, table, sides, held.get(table.name) ?? new Set(), report, progress),
      );
    }
  });
  const count = tables.reduce((sum, { missing, extra, differs }) => sum + missing + extra + differs, 0);

  terminal.clearBars();
  const columns = ['table', 'expected', 'actual', 'missing', 'extra', 'differs', 'quarantined', 'held'] as const;
  terminal.say(
    drawTable(
      columns,
      tables.map((table) => columns.map((column) => table[column])),
    ),
  );
  for (const { table, id, kind, columns: names } of differences.slice(0, MOST_SHOWN)) {
    terminal.say(`${table} ${id}: ${kind}${names ? ` in ${names.join(', ')}` : ''}`);
  }
  if (count > MOST_SHOWN) terminal.say(`… and ${count - MOST_SHOWN} more; --json names ${MOST_NAMED}.`);
  terminal.say(
    count === 0 ? 'The warehouse equals the source.' : `The warehouse differs from the source: ${count} rows.`,
  );
  return { ok: count === 0, command: 'reconcile', equal: count === 0, differing: count, tables, differences };
};

async function underSnapshots(source: Sql, warehouse: Sql, work: (sides: Sides) => Promise<void>): Promise<void> {
  const MODE = 'isolation level repeatable read read only';
  try {
    await source.begin(MODE, (one) =>
      warehouse.begin(MODE, (other) => work({ source: one as Connection, warehouse: other as Connection })),
    );
  } catch (error) {
    throw describeDatabaseError(error, 'The comparison of source and warehouse');
  }
}
