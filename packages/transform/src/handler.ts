import { parseWakeUp } from '@totesys/lake';
import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { transform } from './transform.ts';

/** After this share of its time a run begins no further batch, so that the batch in progress can end. */
const DERIVING_SHARE = 0.5;

/** Returns the transform Lambda's handler. The S3 event of a manifest or the slow schedule invokes it. */
export function makeHandler(deps: LambdaDeps) {
  return lambdaHandler({
    telemetry: deps.telemetry,
    parse: (event) => parseWakeUp(event, 'transform'),
    // Log lines carry the event, so that a search by batch finds the event and a search by event finds the batch.
    about: (wakeUp) => ({ wakeUp }),
    run: ({ batch }, telemetry, timeMs) =>
      transform({ ...deps, telemetry, deadlineMs: Date.now() + DERIVING_SHARE * timeMs }, batch),
  });
}
