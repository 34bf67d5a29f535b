import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { publish } from './publish.ts';

/** After this share of its time a run begins no further round, so that the round in progress can end. */
const PUBLISHING_SHARE = 0.5;

/** Returns the publish Lambda's handler. A schedule invokes it; the content of the event is not used. */
export function makeHandler(deps: LambdaDeps) {
  return lambdaHandler({
    telemetry: deps.telemetry,
    parse: (scheduled) => scheduled,
    run: (_event, telemetry, timeMs) =>
      publish({ ...deps, telemetry, deadlineMs: Date.now() + PUBLISHING_SHARE * timeMs }),
  });
}
