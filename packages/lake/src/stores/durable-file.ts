import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Returns a hidden name that no other writer uses. */
export function temporaryName(name: string): string {
  return `.${name}.${randomUUID()}`;
}

/** Whether a name is one that a writer uses for a file until the object is whole. */
export function isTemporaryName(name: string): boolean {
  return /^\..+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
}

/** Writes a new file and flushes its content. */
export async function writeDurably(path: string, body: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(body);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Flushes the folders from `lowest` up to the one above `made`, the topmost folder that was created for the file: their
 * names must survive a power cut before a manifest names the object.
 */
export async function syncFolders(lowest: string, made: string | undefined): Promise<void> {
  for (let path = lowest; ; path = dirname(path)) {
    const folder = await open(path, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
    // A folder's name is stored in the folder above it.
    if (made === undefined || path.length < made.length) return;
  }
}
