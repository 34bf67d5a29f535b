import { describeDatabaseError } from '../postgres/describe-database-error.ts';
import { isServerError } from '../postgres/is-server-error.ts';
import type { LambdaTelemetry } from '../telemetry/lambda-telemetry.ts';
import type { Stage } from '../telemetry/metrics.ts';
import type { LogFields, StageTelemetry } from '../telemetry/telemetry.ts';

/** What a run may take where nobody says how long it has: a Lambda invoked by hand in a test. */
const DEFAULT_TIME_MS = 60_000;

/** What Lambda says of an invocation, as far as it is used. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  getRemainingTimeInMillis(): number;
}

/** What a stage's handler is made of. */
export interface LambdaHandlerParts<S extends Stage, Event, Result> {
  readonly telemetry: LambdaTelemetry<S>;
  /** Makes the stage's own event of what Lambda hands over; throws EVENT_UNREADABLE for any other. */
  readonly parse: (event: unknown) => Event;
  /** What every log line says of the event, never the whole of it. */
  readonly about?: (event: Event) => LogFields;
  /** `timeMs` is what is left until Lambda ends the run. */
  readonly run: (event: Event, telemetry: StageTelemetry<S>, timeMs: number) => Promise<Result>;
}

/**
 * The one shape of all Lambda handlers: parse, run, log the result, flush the metrics. A failure is logged once, here, and
 * thrown on, so that Lambda counts it and retries; no handler returns normally after one.
 */
export function lambdaHandler<S extends Stage, Event, Result extends object>({
  telemetry,
  parse,
  about,
  run,
}: LambdaHandlerParts<S, Event, Result>): (event: unknown, context?: LambdaContext) => Promise<Result> {
  return async (event, context) => {
    telemetry.begin(context?.awsRequestId === undefined ? {} : { requestId: context.awsRequestId });
    try {
      const parsed = parse(event);
      if (about) telemetry.about(about(parsed));
      const result = await run(parsed, telemetry, context?.getRemainingTimeInMillis() ?? DEFAULT_TIME_MS);
      telemetry.info('stage:done', { result });
      return result;
    } catch (error) {
      telemetry.error('stage:failed', error);
      // The Lambda runtime prints every field of what is thrown, and a database error's fields have rows' values.
      throw isServerError(error) ? describeDatabaseError(error, 'The database') : error;
    } finally {
      telemetry.flush();
    }
  };
}
