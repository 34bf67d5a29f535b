import { parseDatabaseUrl } from '@totesys/runtime';
import type { Places } from './places.ts';

/** Which of a command's databases an error of the client speaks of: by its address, where it has one that only one of them has. */
export function nameDatabase(places: Partial<Places>, error: Error): string {
  const given = (['source', 'warehouse'] as const).filter((name) => places[name] !== undefined);
  const { address, port } = error as { address?: unknown; port?: unknown };
  const meant = given.filter((name) => {
    const at = parseDatabaseUrl(places[name]!, name);
    // The client says `[host]` and `[port]` of a connection that it has lost.
    return at.host === String(address) && at.port === Number(port);
  });
  const names = meant.length > 0 ? meant : given;
  return names.length === 0 ? 'database' : names.join(' or the ');
}
