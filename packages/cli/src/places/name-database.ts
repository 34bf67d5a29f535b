import { describeDatabaseError, isDatabaseError, parseDatabaseUrl } from '@totesys/runtime';
import type { Places } from './places.ts';

/**
 * Returns an error that names its database. An error of the driver does not name it, and both URLs are known only
 * here; any other error is returned unchanged.
 */
export function withDatabaseName(error: unknown, places: Partial<Places>): unknown {
  if (!isDatabaseError(error)) return error;
  const database = nameDatabase(places, error);
  return describeDatabaseError(error, `The ${database}`, database);
}

/** Returns which database an error of the driver comes from: the one with its address, or all that are given. */
export function nameDatabase(places: Partial<Places>, error: Error): string {
  const given = (['source', 'warehouse'] as const).filter((name) => places[name] !== undefined);
  const { address, port } = error as { address?: unknown; port?: unknown };
  const matching = given.filter((name) => {
    const at = parseDatabaseUrl(places[name]!, name);
    // For a lost connection the driver reports the arrays `[host]` and `[port]`.
    return at.host === String(address) && at.port === Number(port);
  });
  const names = matching.length > 0 ? matching : given;
  return names.length === 0 ? 'database' : names.join(' or the ');
}
