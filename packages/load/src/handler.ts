import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { load } from './load.ts';

/** After this share of the time left no further batch is begun: the one in progress must end in the rest. */
const LOADING_SHARE = 0.4;
/** What a run may take where nobody says how long it has: a Lambda invoked by hand in a test. */
const DEFAULT_TIME_MS = 60_000;

/** The load Lambda, woken by a schedule; the event says nothing that it needs. */
export function makeHandler(deps: LambdaDeps) {
  return async (event: unknown, context?: { getRemainingTimeInMillis(): number }) => {
    const timeMs = context?.getRemainingTimeInMillis() ?? DEFAULT_TIME_MS;
    const deadlineMs = Date.now() + LOADING_SHARE * timeMs;
    return lambdaHandler({
      telemetry: deps.telemetry,
      parse: (scheduled) => scheduled,
      run: async (_event, telemetry) => {
        const warehouse = await deps.openWarehouse();
        try {
          return await load({ ...deps, warehouse, telemetry, deadlineMs });
        } finally {
          await warehouse.end({ timeout: 5 });
        }
      },
    })(event);
  };
}
