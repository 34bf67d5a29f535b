import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { load } from './load.ts';

/** The share of the remaining time after which no further batch is begun; the current one must end in the rest. */
const LOADING_SHARE = 0.4;

/** The time that remains to end a statement and to log its failure, in milliseconds. */
const ENDING_MS = 5_000;

/** Returns the handler of the load Lambda. The content of the event is not used. */
export function makeHandler(deps: LambdaDeps) {
  return lambdaHandler({
    telemetry: deps.telemetry,
    parse: (scheduled) => scheduled,
    run: async (_event, telemetry, timeMs) => {
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
