import { silentTelemetry } from '@totesys/runtime';
import { createContext } from '../command-context.ts';
import { reconcile } from '../commands/reconcile.ts';
import type { Terminal } from '../terminal.ts';
import type { StageOrder } from './stage-process.ts';

/** What the command says that differs between source and warehouse. */
export async function checkWarehouse(order: Omit<StageOrder, 'plan'>): Promise<string[]> {
  const { sourceUrl: source, warehouseUrl: warehouse, ingestionUri: ingestion, processedUri: processed } = order;
  const context = createContext({ source, warehouse, ingestion, processed }, SILENT, new AbortController().signal);
  try {
    const result = await reconcile(context);
    return result.ok ? [] : [`reconcile: ${JSON.stringify(result.differences ?? result).slice(0, RESULT_CHARACTERS)}`];
  } finally {
    await context.close();
  }
}

const RESULT_CHARACTERS = 2_000;
const NOTHING = () => {};
const SILENT: Terminal = {
  say: NOTHING,
  answer: NOTHING,
  complain: NOTHING,
  clearBars: NOTHING,
  telemetryOf: () => silentTelemetry,
};
