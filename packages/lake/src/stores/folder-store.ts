import type { Dirent } from 'node:fs';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { syncFolders, temporaryName, writeDurably } from './durable-file.ts';
import { checkKey, checkPrefix, compareKeys } from './object-key.ts';
import { objectMissing } from './object-missing.ts';
import type { PutOutcome, Store, StoredObject } from './store.ts';

/** Errors of the file system for a missing file. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);
/** Errors of `link` on a file system without hard links. */
const LINKLESS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EMLINK']);

/**
 * A folder as a store. An object is written whole under a name that begins with a dot and published by `link()`, which,
 * unlike `rename()`, never replaces; a killed writer leaves a hidden file that no listing shows.
 */
export class FolderStore implements Store {
  readonly uri: string;
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = resolve(folder);
    this.uri = pathToFileURL(this.#folder).href;
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutOutcome> {
    checkKey(key);
    const path = join(this.#folder, key);
    const temporary = join(dirname(path), temporaryName(basename(path)));
    try {
      const made = await mkdir(dirname(path), { recursive: true });
      try {
        await writeDurably(temporary, body);
        await this.#publish(temporary, path);
      } finally {
        await unlink(temporary).catch(() => {});
      }
      await syncFolders(dirname(path), made);
      return 'created';
    } catch (error) {
      if (codeOf(error) !== 'EEXIST' || (await this.#isBlocked(path))) throw this.#unusable('written to', error);
    }
    return Buffer.from(body).equals(await this.get(key)) ? 'same' : 'conflict';
  }

  async find(key: string): Promise<Uint8Array | undefined> {
    checkKey(key);
    try {
      return new Uint8Array(await readFile(join(this.#folder, key)));
    } catch (error) {
      if (!ABSENT.has(codeOf(error)) || (await this.#isNoFolder())) throw this.#unusable('read', error);
      return undefined;
    }
  }

  readonly probe = async (key: string): Promise<boolean> => {
    checkKey(key);
    try {
      return (await stat(join(this.#folder, key))).isFile();
    } catch (error) {
      if (!ABSENT.has(codeOf(error)) || (await this.#isNoFolder())) throw this.#unusable('read', error);
      return false;
    }
  };

  async get(key: string): Promise<Uint8Array> {
    const body = await this.find(key);
    if (!body) throw objectMissing(this.uri, key);
    return body;
  }

  async getRange(key: string, start: number, end: number): Promise<Uint8Array> {
    checkKey(key);
    try {
      const file = await open(join(this.#folder, key), 'r');
      try {
        const buffer = new Uint8Array(Math.max(0, end - start));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch (error) {
      if (!ABSENT.has(codeOf(error)) || (await this.#isNoFolder())) throw this.#unusable('read', error);
      throw objectMissing(this.uri, key);
    }
  }

  async *list(prefix: string, options: { after?: string; limit?: number } = {}): AsyncGenerator<StoredObject> {
    checkPrefix(prefix);
    const { after = '', limit = Number.POSITIVE_INFINITY } = options;
    let listed = 0;
    if (limit <= 0) return;
    for await (const key of this.#walk(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix, after)) {
      const found = await stat(join(this.#folder, key)).catch(() => undefined);
      if (!found) continue;
      yield { key, sizeBytes: found.size, writtenMs: found.mtimeMs };
      if (++listed >= limit) return;
    }
  }

  // Keys below `folder` (empty or ending in a slash), in order; folders without a wanted key are not opened.
  async *#walk(folder: string, prefix: string, after: string): AsyncGenerator<string> {
    const keys: string[] = [];
    for (const entry of await this.#read(folder)) {
      if (entry.name.startsWith('.')) continue;
      const key = folder + entry.name + (entry.isDirectory() ? '/' : '');
      if (entry.isDirectory()) {
        const isWanted = key.startsWith(prefix) || prefix.startsWith(key);
        if (isWanted && (after.startsWith(key) || compareKeys(key, after) > 0)) keys.push(key);
      } else if (key.startsWith(prefix) && compareKeys(key, after) > 0 && (await this.#isFile(entry, key))) {
        keys.push(key);
      }
    }
    for (const key of keys.sort(compareKeys)) {
      if (key.endsWith('/')) yield* this.#walk(key, prefix, after);
      else yield key;
    }
  }

  async #read(folder: string): Promise<Dirent[]> {
    try {
      return await readdir(join(this.#folder, folder), { withFileTypes: true });
    } catch (error) {
      if (!ABSENT.has(codeOf(error)) || (await this.#isNoFolder())) throw this.#unusable('listed', error);
      return [];
    }
  }

  // An archive or a copy may have a link in place of an object, and readers follow it. A link to a folder does not
  // count: it could list an object twice.
  async #isFile(entry: Dirent, key: string): Promise<boolean> {
    if (!entry.isSymbolicLink()) return entry.isFile();
    return (await stat(join(this.#folder, key)).catch(() => undefined))?.isFile() === true;
  }

  async #publish(temporary: string, path: string): Promise<void> {
    try {
      await link(temporary, path);
    } catch (error) {
      if (!LINKLESS.has(codeOf(error))) throw error;
      // A rename could replace an object, and an exclusive copy could be read half-written: only links are safe.
      throw new PipelineError(
        ErrorCode.STORE_UNUSABLE,
        `Lake folder '${this.#folder}' is on a file system without hard links (${codeOf(error)}), so an object ` +
          'cannot appear there whole and only once. Move the lake to a local disk, or into an S3 bucket.',
        { context: { folder: this.#folder, code: codeOf(error) }, cause: error },
      );
    }
  }

  // Whether a folder has the object's name, or a file has the name of one of the object's folders.
  async #isBlocked(path: string): Promise<boolean> {
    const found = await stat(path).catch(() => undefined);
    return !found?.isFile();
  }

  async #isNoFolder(): Promise<boolean> {
    for (let path = this.#folder; ; path = dirname(path)) {
      const found = await stat(path).catch(() => undefined);
      if (found) return !found.isDirectory();
      if (path === dirname(path)) return false;
    }
  }

  #unusable(verb: string, error: unknown): PipelineError {
    if (error instanceof PipelineError) return error;
    const code = codeOf(error);
    const isNoFolder = code === 'ENOTDIR' || code === 'EEXIST' || code === 'EISDIR';
    const fault = isNoFolder
      ? `cannot be ${verb}: expected a folder, got a file, or the reverse (${code}).`
      : `cannot be ${verb} (${code || String(error)}).`;
    const remedy = isNoFolder ? 'Name another folder.' : 'Check that it exists, its rights, and the space on its disk.';
    return new PipelineError(ErrorCode.STORE_UNUSABLE, `Lake folder '${this.#folder}' ${fault} ${remedy}`, {
      context: { folder: this.#folder, ...(code !== '' && { code }) },
      cause: error,
    });
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}
