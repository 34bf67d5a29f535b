import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { ingest } from './ingest.ts';

/** After this share of its time a run begins no further chunk, so that it has time to commit. */
const READING_SHARE = 0.6;

/** Time to cancel a statement that runs too long, and to log it: milliseconds. */
const ENDING_MS = 5_000;

/** Makes the ingest Lambda's handler. A schedule invokes it; it does not use the event. */
export function makeHandler(deps: LambdaDeps) {
  return lambdaHandler({
    telemetry: deps.telemetry,
    parse: (scheduled) => scheduled,
    run: async (_event, telemetry, timeMs) => {
      const deadlineMs = Date.now() + READING_SHARE * timeMs;
      const source = await deps.openSource(Date.now() + timeMs - ENDING_MS);
      try {
        return await ingest({ ...deps, source, telemetry, limits: { batchRows: deps.batchRows, deadlineMs } });
      } finally {
        await source.end({ timeout: 5 });
      }
    },
  });
}
