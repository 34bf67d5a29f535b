import { ErrorCode, lambdaHandler, PipelineError } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { CHECKS, type ReconcileResult, reconcile } from './reconcile.ts';

/** The longest wait for unread rows: two scheduled runs of every stage, in milliseconds. */
const MOST_WAIT_MS = 180_000;
/** The share of the time left that the wait may take: the checks need the rest. */
const WAITING_SHARE = 0.2;
/** The time that remains to end the statements and to log the failure: milliseconds. */
const ENDING_MS = 5_000;

/** Returns the handler of the reconcile Lambda. It runs all checks; the content of the event is not used. */
export function makeHandler(deps: LambdaDeps) {
  return lambdaHandler({
    telemetry: deps.telemetry,
    parse: (scheduled) => scheduled,
    summarize,
    run: async (_event, telemetry, timeMs) => {
      const deadlineMs = Date.now() + timeMs - ENDING_MS;
      const interrupted = AbortSignal.timeout(Math.max(0, timeMs - ENDING_MS));
      const source = await deps.openSource(deadlineMs);
      const warehouse = await deps.openWarehouse(deadlineMs).catch(async (error) => {
        await source.end({ timeout: 5 });
        throw error;
      });
      try {
        const result = await reconcile(
          { ...deps, source: async () => source, warehouse: async () => warehouse, telemetry, interrupted },
          {
            checks: new Set(CHECKS),
            waitMs: Math.min(MOST_WAIT_MS, WAITING_SHARE * timeMs),
            showValues: false,
            repair: false,
            since: 1,
          },
        );
        // An interrupted check has not seen everything, so its result proves nothing.
        if (interrupted.aborted) throw outOfTime(timeMs);
        return result;
      } finally {
        await Promise.all([source.end({ timeout: 5 }), warehouse.end({ timeout: 5 })]);
      }
    },
  });
}

// The result names up to thousands of rows; a log line has the numbers.
function summarize({ ok, batch, differing, unread, unsettled, history, lake }: ReconcileResult) {
  return { ok, batch, differing, unread, unsettled, historyFaults: history?.faults, lakeFaults: lake?.faults };
}

function outOfTime(timeMs: number): PipelineError {
  return new PipelineError(
    ErrorCode.TIMED_OUT,
    `The checks did not end within ${Math.round(timeMs / 1000)} s. Raise the timeout of the function.`,
    { context: { timeMs } },
  );
}
