import { ErrorCode, PipelineError } from '@totesys/runtime';
import { manifestKey } from '../key-layout.ts';
import type { Store } from '../stores/store.ts';
import { MANIFEST_FORMAT } from './manifest.ts';
import { findNewestBatch } from './newest-batch.ts';

/**
 * Throws if a place has a lake of an older format. The first manifest decides, or the newest if the first is lost: no
 * version writes to a lake of another format, so all manifests have one format. An empty place passes, and so does a
 * manifest that cannot be read, because its own reader reports the fault.
 */
export async function checkLakeFormat(store: Store): Promise<void> {
  let key = manifestKey(1);
  let body = await store.find(key);
  if (!body) {
    const newest = await findNewestBatch(store);
    key = manifestKey(newest);
    body = newest === 0 ? undefined : await store.find(key);
  }
  if (!body) return;
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return;
  }
  refuseOlder(store, key, content);
}

/** Throws unless a manifest has the format that this version reads; the schema checks content without a format. */
export function checkFormat(store: Store, key: string, content: unknown): void {
  refuseOlder(store, key, content);
  const { format, codeVersion } = formatOf(content);
  if (typeof format !== 'number' || format <= MANIFEST_FORMAT) return;
  const [writer, remedy] =
    typeof codeVersion === 'string'
      ? [`version ${codeVersion}`, `Deploy version ${codeVersion}, or a newer one.`]
      : ['a newer version', 'Deploy a newer version.'];
  const expected = `this version reads format ${MANIFEST_FORMAT}`;
  throw unreadable(store, key, `was written by ${writer} in format ${format}; ${expected}. ${remedy}`);
}

/** Error for a manifest that cannot be parsed. */
export function unreadable(store: Store, key: string, fault: string, cause?: unknown): PipelineError {
  return new PipelineError(ErrorCode.MANIFEST_UNREADABLE, `Manifest '${key}' in ${store.uri} ${fault}`, {
    context: { key, store: store.uri },
    cause,
  });
}

function refuseOlder(store: Store, key: string, content: unknown): void {
  const { format, codeVersion } = formatOf(content);
  if (typeof format !== 'number' || format >= MANIFEST_FORMAT) return;
  const writer = typeof codeVersion === 'string' ? `version ${codeVersion}` : 'the version that wrote it';
  throw unreadable(
    store,
    key,
    `is of lake format ${format}; this version reads and writes format ${MANIFEST_FORMAT}, and changes no ` +
      'older lake. Nothing was written. Name two new, empty places for the lakes and a new, empty warehouse, ' +
      `then run: the whole source is read again. The old lakes and their warehouse stay readable by ${writer}.`,
  );
}

function formatOf(content: unknown): { readonly format?: unknown; readonly codeVersion?: unknown } {
  return (content ?? {}) as object;
}
