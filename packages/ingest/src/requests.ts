import { REQUEST_PREFIX, type Store } from '@totesys/lake';
import type { Telemetry } from '@totesys/runtime';
import { z } from 'zod';

const request = z.object({ kind: z.literal('accept-deletes'), table: z.string() });

/** What persons have asked of the next batch: the requests' ids, and the tables whose deletions they accept. */
export interface Requests {
  readonly ids: readonly string[];
  readonly acceptedDeletes: ReadonlySet<string>;
}

/** Reads the requests that no batch has named yet. One that cannot be understood is told and left. */
export async function readRequests(store: Store, done: readonly string[], telemetry: Telemetry): Promise<Requests> {
  const ids: string[] = [];
  const acceptedDeletes = new Set<string>();
  for await (const { key } of store.list(REQUEST_PREFIX)) {
    const id = key.slice(REQUEST_PREFIX.length).replace(/\.json$/, '');
    if (done.includes(id)) continue;
    const parsed = request.safeParse(parseJson(await store.get(key)));
    if (!parsed.success) {
      telemetry.warn('request:unreadable', { key });
      continue;
    }
    ids.push(id);
    acceptedDeletes.add(parsed.data.table);
  }
  return { ids, acceptedDeletes };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return undefined;
  }
}
