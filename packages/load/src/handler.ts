import { parseWakeUp } from '@totesys/lake';
import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { load } from './load.ts';

/** The share of the remaining time after which no further batch is begun; the current one must end in the rest. */
const LOADING_SHARE = 0.4;

/** The time that remains to end a statement and to log its failure, in milliseconds. */
const ENDING_MS = 5_000;

/**
 * Returns the load Lambda's handler. The S3 event of a processed manifest or the schedule invokes it. It loads
 * every batch that waits, not only the one that the event names. It yields to another load, and that load or the next
 * tick loads the rest.
 */
export function makeHandler(deps: LambdaDeps) {
  return lambdaHandler({
    telemetry: deps.telemetry,
    parse: (event) => parseWakeUp(event, 'load'),
    // As in transform: a search of the logs by batch or by event finds the other.
    about: (wakeUp) => ({ wakeUp }),
    run: async (_wakeUp, telemetry, timeMs) => {
      const deadlineMs = Date.now() + LOADING_SHARE * timeMs;
      const warehouse = await deps.openWarehouse(Date.now() + timeMs - ENDING_MS);
      try {
        return await load({ ...deps, warehouse, telemetry, deadlineMs });
      } finally {
        await warehouse.end({ timeout: 5 });
      }
    },
  });
}
