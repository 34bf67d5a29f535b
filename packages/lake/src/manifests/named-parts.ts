import type { Manifest, ObjectPart } from './manifest.ts';

/** Every part that a manifest names, whatever for: all that must be there for its batch to be whole. */
export function namedParts(manifest: Manifest): ObjectPart[] {
  if (manifest.kind === 'ingestion') {
    return [...manifest.parts, ...manifest.deleted, ...manifest.quarantined, ...manifest.state];
  }
  return [...manifest.parts, ...manifest.quarantined, ...manifest.leftOut];
}
