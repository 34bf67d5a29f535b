import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { load } from './load.ts';

/** After this share of the time left no further batch is begun: the one in progress must end in the rest. */
const LOADING_SHARE = 0.4;

/** What is left to end a statement whose time is over, and to log it: milliseconds. */
const ENDING_MS = 5_000;

/** The load Lambda, woken by a schedule; the event says nothing that it needs. */
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
