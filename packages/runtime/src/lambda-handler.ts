import postgres from 'postgres';
import { describeDatabaseError } from './describe-database-error.ts';
import type { FlushedTelemetry } from './lambda-telemetry.ts';
import type { Telemetry } from './telemetry.ts';

/** What a stage's handler is made of. */
export interface LambdaHandlerParts<Event, Result> {
  readonly telemetry: FlushedTelemetry;
  /** Makes the stage's own event of what Lambda hands over; throws EVENT_UNREADABLE for any other. */
  readonly parse: (event: unknown) => Event;
  readonly run: (event: Event, telemetry: Telemetry) => Promise<Result>;
}

/**
 * The one shape of all Lambda handlers: parse, run, log the result, flush the metrics. A failure is logged once, here, and
 * thrown on, so that Lambda counts it and retries; no handler returns normally after one.
 */
export function lambdaHandler<Event, Result extends object>({
  telemetry,
  parse,
  run,
}: LambdaHandlerParts<Event, Result>): (event: unknown) => Promise<Result> {
  return async (event) => {
    try {
      const result = await run(parse(event), telemetry);
      telemetry.info('stage:done', { result });
      return result;
    } catch (error) {
      telemetry.error('stage:failed', error);
      // The Lambda runtime prints every field of what is thrown, and a database error's fields have rows' values.
      throw error instanceof postgres.PostgresError ? describeDatabaseError(error, 'The database') : error;
    } finally {
      telemetry.flush();
    }
  };
}
