import type postgres from 'postgres';
import { ErrorCode, PipelineError } from '../errors.ts';

/** The oldest Postgres that is supported, as in README. */
const LEAST_VERSION = 13;

/** Throws if the server is too old; it reports its version at the start of a session. */
export function requireVersion({ parameters }: Pick<postgres.Sql, 'parameters'>, label: string): void {
  const version = String(parameters.server_version ?? '');
  const major = Number.parseInt(version, 10);
  if (!(major < LEAST_VERSION)) return;
  throw new PipelineError(
    ErrorCode.SERVER_TOO_OLD,
    `${label} is too old: expected Postgres ${LEAST_VERSION} or newer, got ${version}. Upgrade it, or name a newer ` +
      'server.',
    { context: { version } },
  );
}
