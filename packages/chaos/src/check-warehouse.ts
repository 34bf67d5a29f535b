import { type CommandOptions, createContext, type Places, reconcile, type Terminal } from '@totesys/cli';
import { silentTelemetry } from '@totesys/runtime';
import type { StageOrder } from './stage-process.ts';

/** Returns the differences that `totesys reconcile` reports between source, warehouse and lake. */
export async function checkWarehouse(order: Omit<StageOrder, 'plan'>): Promise<string[]> {
  const { sourceUrl: source, warehouseUrl: warehouse, ingestionUri: ingestion, processedUri: processed } = order;
  return [
    // Without a lake: with its fence, a lost row could count as one that has not been read yet.
    ...(await reconciled({ source, warehouse }, { only: 'rows,history' })),
    ...(await reconciled({ warehouse, ingestion, processed }, { only: 'lake' })),
  ];
}

async function reconciled(places: Partial<Places>, options: CommandOptions): Promise<string[]> {
  const context = createContext(places, SILENT, new AbortController().signal, options);
  try {
    const { ok, differences, ...result } = await reconcile(context);
    if (ok) return [];
    const found = Array.isArray(differences) && differences.length > 0 ? differences : result;
    return [`reconcile: ${JSON.stringify(found).slice(0, RESULT_CHARACTERS)}`];
  } finally {
    await context.close();
  }
}

const RESULT_CHARACTERS = 2_000;
const NOTHING = () => {};
const SILENT: Terminal = {
  print: NOTHING,
  printJson: NOTHING,
  printJsonLine: NOTHING,
  log: NOTHING,
  clearBars: NOTHING,
  telemetryOf: () => silentTelemetry,
};
