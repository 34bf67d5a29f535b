import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { createOnlyStore } from './create-only.ts';
import { FolderStore } from './folder-store.ts';
import { S3Store } from './s3-store.ts';
import type { Store } from './store.ts';

/** A place by its parts: a bucket and what lies below a prefix of it, or a folder. */
export type Place = { readonly bucket: string; readonly prefix: string } | { readonly folder: string };

/** Opens the place that a URI names: `s3://bucket[/prefix]`, `file:///folder`, or the path of a folder. Nothing is read or made yet. */
export function openStore(uri: string): Store {
  const place = parsePlace(uri);
  return 'bucket' in place ? createOnlyStore(new S3Store(place.bucket, place.prefix)) : new FolderStore(place.folder);
}

/** Takes a place's URI apart; one that names no place is CONFIG_INVALID. */
export function parsePlace(uri: string): Place {
  if (uri.startsWith('s3://')) {
    const [bucket, ...prefix] = uri.slice('s3://'.length).split('/');
    if (!bucket) throw unknown(uri);
    return { bucket, prefix: prefix.filter((segment) => segment !== '').join('/') };
  }
  if (uri.startsWith('file://')) return { folder: folderOf(uri) };
  if (uri.trim() === '' || findScheme(uri) !== undefined) throw unknown(uri);
  return { folder: uri };
}

/**
 * The scheme that a text begins with, or seems to: `s3:/bucket` and `file:/x` are no folders. One letter is a drive. Where `://` follows,
 * what comes before it is one in any case, such as `"s3` with the quotation mark of an environment file.
 */
export function findScheme(text: string): string | undefined {
  return /^\s*([a-z][a-z0-9+.-]+:)/i.exec(text)?.[1] ?? /^(?!\.{1,2}\/)(.*?:)\/\//.exec(text)?.[1];
}

/** Whether two places are one, or one of them lies in the other. */
export function placesOverlap(one: string, other: string): boolean {
  const [first, second] = [pathOf(one), pathOf(other)];
  return first.startsWith(second) || second.startsWith(first);
}

function pathOf(uri: string): string {
  const place = parsePlace(uri);
  if ('folder' in place) return `${resolve(place.folder)}/`.replace(/^\/\/$/, '/');
  return `s3://${place.bucket}/${place.prefix === '' ? '' : `${place.prefix}/`}`;
}

function folderOf(uri: string): string {
  // A URL ends its path there, so one folder would be taken for another.
  if (/[?#]/.test(uri)) throw unknown(uri);
  try {
    return fileURLToPath(uri);
  } catch (error) {
    throw unknown(uri, error);
  }
}

function unknown(uri: string, cause?: unknown): PipelineError {
  return new PipelineError(
    ErrorCode.CONFIG_INVALID,
    `'${uri}' names no place for a lake; expected s3://bucket, s3://bucket/prefix, file:///folder (with %23 for # and %3F for ?) or the path of a folder (./ before a name with a colon). Correct it.`,
    { context: { uri }, cause },
  );
}
