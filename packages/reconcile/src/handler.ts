import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { type ProofResult, prove } from './proof/prove.ts';

/** The time that remains to end the statements and to log the failure: milliseconds. */
const ENDING_MS = 5_000;
/** The most rows, facts and objects that a log line names. */
const MOST_LOGGED = 20;

/** Returns the handler of the reconcile Lambda. It runs one proof; the content of the event is not used. */
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
        const result = await prove({ ...deps, source, warehouse, telemetry, interrupted }, deps.options);
        if (!result.ok) telemetry.warn('proof:differs', nameFirst(result));
        return result;
      } finally {
        await Promise.all([source.end({ timeout: 5 }), warehouse.end({ timeout: 5 })]);
      }
    },
  });
}

// The command in the alarm's mail shows warnings.
function nameFirst({ object, differences, history, lake }: ProofResult) {
  return {
    object,
    differences: differences.slice(0, MOST_LOGGED),
    history: history.named.slice(0, MOST_LOGGED),
    lake: lake.named.slice(0, MOST_LOGGED),
  };
}

// The result names up to thousands of rows; a log line has the numbers.
function summarize({ outcome, object, batch, through, rows, history, lake, next }: ProofResult) {
  const faults = { historyFaults: history.faults, lakeFaults: lake.faults };
  return { outcome, object, batch, through, ...rows, ...faults, slice: next.slice };
}
