import { readdir, stat, unlink } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { isTemporaryName } from '../durable-file.ts';
import { FolderStore } from '../folder-store.ts';
import { checkKey } from '../object-key.ts';
import type { StoredObject } from '../store.ts';
import type { Sweepable } from './sweepable.ts';

/** A folder with removal of objects and of the hidden files that killed writers left. */
export function sweepableFolder(path: string): Sweepable {
  const root = resolve(path);
  return {
    store: new FolderStore(root),
    nowMs: async () => Date.now(),
    temporaries: () => walk(root, ''),
    remove: async (key) => {
      // Without its first dot, the name of a temporary file is a valid key.
      checkKey(key.replace(/(^|\/)\.(?=[^/.][^/]*$)/, '$1'));
      try {
        await unlink(join(root, key));
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT') return;
        throw new PipelineError(
          ErrorCode.STORE_UNUSABLE,
          `Lake folder '${root}': '${key}' cannot be removed (${code}). Check the rights on its folder.`,
          { context: { folder: root, key }, cause: error },
        );
      }
    },
  };
}

async function* walk(root: string, folder: string): AsyncGenerator<StoredObject> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const entry of entries) {
    const key = folder + entry.name;
    if (entry.isDirectory() && !entry.name.startsWith('.')) yield* walk(root, `${key}/`);
    if (!entry.isFile() || !isTemporaryName(entry.name)) continue;
    const found = await stat(join(root, key)).catch(() => undefined);
    if (found) yield { key, sizeBytes: found.size, writtenMs: found.mtimeMs };
  }
}
