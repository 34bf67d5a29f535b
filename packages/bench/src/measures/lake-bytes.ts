import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The bytes of all objects in each lake. */
export interface LakeBytes {
  readonly ingestion: number;
  readonly processed: number;
}

/** Returns the bytes of both lakes below a folder. */
export async function lakeBytes(folder: string): Promise<LakeBytes> {
  return {
    ingestion: await folderBytes(join(folder, 'ingestion')),
    processed: await folderBytes(join(folder, 'processed')),
  };
}

/** Returns the bytes of all files below a folder. */
export async function folderBytes(folder: string): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) sum += (await stat(join(entry.parentPath, entry.name))).size;
  return sum;
}
