import { describeDatabaseError } from '../postgres/describe-database-error.ts';
import { isServerError } from '../postgres/is-server-error.ts';
import type { LambdaTelemetry } from '../telemetry/lambda-telemetry.ts';
import type { Stage } from '../telemetry/metrics.ts';
import type { LogFields, StageTelemetry } from '../telemetry/telemetry.ts';

/** The time of a run without a Lambda context, as in a test: milliseconds. */
const DEFAULT_TIME_MS = 60_000;

/** The part of Lambda's context that is used. */
export interface LambdaContext {
  readonly awsRequestId?: string;
  getRemainingTimeInMillis(): number;
}

/** The parts of a stage's handler. */
export interface LambdaHandlerParts<S extends Stage, Event, Result> {
  readonly telemetry: LambdaTelemetry<S>;
  /** Parses the event that Lambda passes; throws EVENT_UNREADABLE if it is not one of the stage's. */
  readonly parse: (event: unknown) => Event;
  /** Returns the fields that every log line has about the event, never the whole event. */
  readonly about?: (event: Event) => LogFields;
  /** `timeMs` is the time until Lambda ends the run. */
  readonly run: (event: Event, telemetry: StageTelemetry<S>, timeMs: number) => Promise<Result>;
  /** Shortens a result that is too long for a log line; without this function the line has the whole result. */
  readonly summarize?: (result: Result) => object;
}

/**
 * Makes a stage's Lambda handler: parse, run, log the result, flush the metrics. A failure is logged once, here, and
 * thrown again, so that Lambda counts it and retries; no handler returns normally after a failure.
 */
export function lambdaHandler<S extends Stage, Event, Result extends object>({
  telemetry,
  parse,
  about,
  run,
  summarize = (result) => result,
}: LambdaHandlerParts<S, Event, Result>): (event: unknown, context?: LambdaContext) => Promise<Result> {
  return async (event, context) => {
    telemetry.begin(context?.awsRequestId === undefined ? {} : { requestId: context.awsRequestId });
    try {
      const parsed = parse(event);
      if (about) telemetry.about(about(parsed));
      const result = await run(parsed, telemetry, context?.getRemainingTimeInMillis() ?? DEFAULT_TIME_MS);
      telemetry.info('stage:done', { result: summarize(result) });
      return result;
    } catch (error) {
      telemetry.error('stage:failed', error);
      // The Lambda runtime prints every field of a thrown error, and a database error's fields have row values.
      throw isServerError(error) ? describeDatabaseError(error, 'The database') : error;
    } finally {
      telemetry.flush();
    }
  };
}
