import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openStore } from '@totesys/lake';

/** The objects of a folder in memory, to be written again for each trial; the kit's lakes are small. */
export class LakeCopy {
  readonly #objects: ReadonlyMap<string, Uint8Array>;

  constructor(objects: ReadonlyMap<string, Uint8Array>) {
    this.#objects = objects;
  }

  /** Reads the objects below a folder whose keys begin with one of `prefixes`. */
  static async read(folder: string, prefixes: readonly string[]): Promise<LakeCopy> {
    const store = openStore(folder);
    const objects = new Map<string, Uint8Array>();
    for (const prefix of prefixes) {
      for await (const { key } of store.list(prefix)) objects.set(key, await store.get(key));
    }
    return new LakeCopy(objects);
  }

  /** Writes the objects below another folder. */
  write(folder: string): void {
    for (const [key, body] of this.#objects) {
      const path = join(folder, key);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, body);
    }
  }

  /** The objects below a prefix, by their keys without it. */
  below(prefix: string): Map<string, Uint8Array> {
    const found = [...this.#objects].filter(([key]) => key.startsWith(prefix));
    return new Map(found.map(([key, body]) => [key.slice(prefix.length), body]));
  }
}
