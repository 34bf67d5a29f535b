import { PipelineError } from '../errors.ts';
import { describeDatabaseError } from '../postgres/describe-database-error.ts';
import { isServerError } from '../postgres/is-server-error.ts';

/** An error as a log carries it. */
export interface LoggedError {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/**
 * Describes an error for a log: code, message, context, stack and causes; never a connection URL or a client's own
 * fields.
 */
export function describeError(error: unknown): LoggedError {
  if (isServerError(error)) return describeError(describeDatabaseError(error, 'The database'));
  if (!(error instanceof Error)) return { name: 'Error', message: withoutUrls(String(error)) };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const context = error instanceof PipelineError && Object.keys(error.context).length > 0 ? error.context : undefined;
  return {
    name: error.name,
    ...(code === undefined ? {} : { code }),
    message: withoutUrls(error.message),
    ...(context === undefined ? {} : { context: withoutUrlsIn(context) as Record<string, unknown> }),
    ...(error.stack === undefined ? {} : { stack: withoutUrls(error.stack) }),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/**
 * A connection URL up to the first space or quote after the last `@` of its line; not the form that messages show as
 * expected.
 */
const DATABASE_URL = /\bpostgres(?:ql)?:\/\/(?!<user>:<password>@)(?:(?:(?!\bpostgres(?:ql)?:\/\/).)*@)?[^\s'"<>]*/gi;
/** User and password of any other URL, except those of files: paths in stack traces may contain an `@`. */
const USER_INFORMATION = /\b(?!postgres|file:)([a-z][a-z0-9+.-]*:\/\/)\S*@/gi;

/** Returns a text without connection URLs and without users and passwords of other URLs. */
export function withoutUrls(text: string): string {
  return text.replace(DATABASE_URL, 'postgres://…').replace(USER_INFORMATION, '$1…@');
}

/** Returns fields of a log without connection URLs, at any depth; bigints become text, as JSON has none. */
export function withoutUrlsIn(value: unknown): unknown {
  if (typeof value === 'string') return withoutUrls(value);
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Error) return describeError(value);
  if (Array.isArray(value)) return value.map(withoutUrlsIn);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutUrlsIn(each)]));
}
