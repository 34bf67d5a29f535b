import type postgres from 'postgres';

/**
 * Returns whether the client threw an error that a server reported. The client's class is not imported for this: logs
 * describe such errors too, and a stage without a database would have the client in its bundle.
 */
export function isServerError(error: unknown): error is postgres.PostgresError {
  return error instanceof Error && error.name === 'PostgresError' && 'code' in error;
}
