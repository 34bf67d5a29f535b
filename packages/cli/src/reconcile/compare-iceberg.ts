import { comparePublished, type PublishedComparison } from '@totesys/publish';
import { countOf } from '../format/count-of.ts';
import type { CommandContext } from '../process/command-context.ts';
import { publishDeps } from '../stages/run-publish.ts';

/** Batches that differ which are printed; the JSON has all. */
const MOST_PRINTED = 20;

/** Compares the Iceberg tables with the processed lake, and reports the batches that differ. */
export async function compareIceberg(context: CommandContext): Promise<PublishedComparison> {
  const { terminal } = context;
  const result = await comparePublished(publishDeps(context));
  terminal.clearBars();
  const rows = result.tables.reduce((sum, table) => sum + table.rows, 0);
  const watermark = Math.min(...result.tables.map((table) => table.watermark));
  const compared = `${countOf(rows, 'row')} of ${result.tables.length} tables up to batch ${watermark}`;
  terminal.print(`iceberg    ${compared}: ${result.ok ? 'equal to the lake' : 'different from the lake'}`);
  for (const { table, batch, expected, got } of result.differences.slice(0, MOST_PRINTED)) {
    const fault = expected === got ? 'values differ' : `expected ${countOf(expected, 'row')}, got ${got}`;
    terminal.print(`  ${table} batch ${batch}: ${fault}`);
  }
  if (!result.ok) terminal.print('Write the tables again with: totesys publish --rebuild');
  return result;
}
