import type { DerivedPlace } from '@totesys/lake/derived';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/** The command that writes the files and the metadata of the tables again. */
export const REBUILD = 'totesys publish --rebuild';

/** Returns the URI of an object of a place, as table metadata has it. */
export function uriOf({ uri }: DerivedPlace, key: string): string {
  return `${uri}/${key}`;
}

/** Returns the key of a URI in table metadata; undefined if it is outside the place. */
export function findKeyOf({ uri }: Pick<DerivedPlace, 'uri'>, object: string): string | undefined {
  const [place, path] = [normalize(uri), normalize(object)];
  return path.startsWith(`${place}/`) ? path.slice(place.length + 1) : undefined;
}

/** Reads an object that table metadata names; throws ICEBERG_FILE_MISSING if it is missing or outside the place. */
export async function readNamed(place: DerivedPlace, object: string): Promise<Uint8Array> {
  const key = findKeyOf(place, object);
  const body = key === undefined ? undefined : await place.store.find(key);
  if (body) return body;
  throw fileMissing(place, object);
}

/** Error for an object that table metadata names and the place lacks. */
export function fileMissing({ uri }: DerivedPlace, object: string): PipelineError {
  return new PipelineError(
    ErrorCode.ICEBERG_FILE_MISSING,
    `File '${object}' is missing in ${uri}, and the metadata of its Iceberg table names it. Restore it, or write the ` +
      `tables again with: ${REBUILD}`,
    { context: { file: object, place: uri } },
  );
}

// Hadoop writes one slash after `file:`, and s3a or s3n for s3.
function normalize(uri: string): string {
  return uri.replace(/^file:\/*/, 'file:/').replace(/^s3[an]:/, 's3:');
}
