import { access, constants, mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The folder for binaries and clusters, made if need be: `TOTESYS_CACHE`, or the user's cache; root's is one that the user whom the
 * server runs as can enter. Never the temp folder, which may forbid running anything.
 */
export async function cacheFolder(): Promise<string> {
  const candidates = [
    process.env.TOTESYS_CACHE,
    ...(process.getuid?.() === 0 ? ['/var/cache/totesys', '/var/lib/totesys', '/opt/totesys-cache'] : []),
    join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'totesys'),
  ];
  for (const folder of candidates) {
    if (folder === undefined || folder === '') continue;
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      await access(folder, constants.W_OK | constants.X_OK);
      return folder;
    } catch {
      // The next candidate may be writable.
    }
  }
  throw new Error(
    `No cache folder can be written: tried ${candidates.filter(Boolean).join(', ')}. Name one by TOTESYS_CACHE.`,
  );
}
