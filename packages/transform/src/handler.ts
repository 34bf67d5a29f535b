import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { transform } from './transform.ts';
import { parseWakeUp } from './wake-up.ts';

/** After this share of the time left no further batch is begun: the one in progress must end in the rest, and the next run goes on. */
const DERIVING_SHARE = 0.5;

/** The transform Lambda: woken by a manifest's S3 event or by the slow schedule. */
export function makeHandler(deps: LambdaDeps) {
  return lambdaHandler({
    telemetry: deps.telemetry,
    parse: parseWakeUp,
    // From the S3 event to the log line: whoever looks for a batch finds what woke it, and the other way round.
    about: (wakeUp) => ({ wakeUp }),
    run: ({ batch }, telemetry, timeMs) =>
      transform({ ...deps, telemetry, deadlineMs: Date.now() + DERIVING_SHARE * timeMs }, batch),
  });
}
