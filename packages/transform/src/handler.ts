import { lambdaHandler } from '@totesys/runtime';
import type { LambdaDeps } from './deps.ts';
import { transform } from './transform.ts';
import { parseWakeUp } from './wake-up.ts';

/** The transform Lambda: woken by a manifest's S3 event or by the slow schedule. */
export function makeHandler(deps: LambdaDeps) {
  return lambdaHandler({
    telemetry: deps.telemetry,
    parse: parseWakeUp,
    run: (batch, telemetry) => transform({ ...deps, telemetry }, batch),
  });
}
