import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { ingest } from './ingest.ts';

/** After this share of the time left a run begins no further chunk, so that what it has read is committed. */
const READING_SHARE = 0.6;

/** What is left to end a statement whose time is over, and to log it: milliseconds. */
const ENDING_MS = 5_000;

/** The ingest Lambda, woken by a schedule; the event says nothing that it needs. */
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
