import type { Manifest, ObjectPart } from './manifest.ts';

/** Returns every part that a manifest names; a batch without one of them is damaged. */
export function namedParts(manifest: Manifest): ObjectPart[] {
  if (manifest.kind === 'ingestion') {
    return [...manifest.parts, ...manifest.deleted, ...manifest.quarantined, ...manifest.state];
  }
  return [...manifest.parts, ...manifest.quarantined, ...manifest.leftOut];
}
