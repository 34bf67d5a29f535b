import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { createOnlyStore } from './create-only.ts';
import { FolderStore } from './folder-store.ts';
import { S3Store } from './s3-store.ts';
import type { Store } from './store.ts';

/** A place: a bucket with a prefix, or a folder. */
export type Place = { readonly bucket: string; readonly prefix: string } | { readonly folder: string };

/** Opens the place `s3://bucket[/prefix]`, `file:///folder` or a path. Nothing is read or created yet. */
export function openStore(uri: string): Store {
  const place = parsePlace(uri);
  return 'bucket' in place ? createOnlyStore(new S3Store(place.bucket, place.prefix)) : new FolderStore(place.folder);
}

/** Parses the URI of a place; throws CONFIG_INVALID for any other text. */
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
 * Returns the scheme with which a text begins or seems to begin: `s3:/bucket` and `file:/x` are not folders, and one
 * letter is a drive. Everything before `://` is a scheme, even `"s3` with the quotation mark of an environment file.
 */
export function findScheme(text: string): string | undefined {
  return /^\s*([a-z][a-z0-9+.-]+:)/i.exec(text)?.[1] ?? /^(?!\.{1,2}\/)(.*?:)\/\//.exec(text)?.[1];
}

/** Whether two places are the same, or one is inside the other. */
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
  // The path of a URL ends at ? or #, so the URI would name another folder.
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
    `'${uri}' is not a place for a lake; expected s3://bucket, s3://bucket/prefix, file:///folder ` +
      '(with %23 for # and %3F for ?) or the path of a folder (./ before a name with a colon). Correct it.',
    { context: { uri }, cause },
  );
}
