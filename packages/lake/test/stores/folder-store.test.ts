import { chmod, type FileHandle, mkdir, mkdtemp, open, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ErrorCode } from '@totesys/runtime';
import { FolderStore, findNewestBatch, type Store } from '../../src/index.ts';
import { sweepableFolder } from '../../src/stores/sweepable/sweepable-folder.ts';
import { storeConformance } from './store-conformance.ts';
import { sweepableConformance } from './sweepable-conformance.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'totesys-lake-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('a folder as a store', () => {
  storeConformance(async () => new FolderStore(join(folder, 'new', 'lake')));
});

describe('a folder that can be swept', () => {
  sweepableConformance(async () => sweepableFolder(join(folder, 'new', 'lake')));

  test('shows what killed writers left, and nothing else that is hidden', async () => {
    const place = sweepableFolder(folder);
    const left = 'a/.b.parquet.0b7f5a52-3c1e-4a5e-9d1f-5f5f5a1c2b3d';
    await place.store.putIfAbsent('a/b.parquet', Buffer.from('whole'));
    await mkdir(join(folder, '.trash'));
    for (const path of ['.DS_Store', 'a/.hidden', '.trash/.c.0b7f5a52-3c1e-4a5e-9d1f-5f5f5a1c2b3d'])
      await writeFile(join(folder, path), 'theirs');
    await writeFile(join(folder, left), 'hal');
    const found: unknown[] = [];
    for await (const temporary of place.temporaries()) found.push(temporary);
    expect(found).toEqual([{ key: left, sizeBytes: 3, writtenMs: expect.any(Number) }]);
    await place.remove(left);
    expect((await readdir(join(folder, 'a'))).sort()).toEqual(['.hidden', 'b.parquet']);
  });

  test('removes nothing outside of itself', async () => {
    const outside = join(folder, 'outside');
    await writeFile(outside, 'theirs');
    const place = sweepableFolder(join(folder, 'lake'));
    for (const key of ['../outside', '..', '.', 'a/../../outside', outside]) {
      await expect(place.remove(key)).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
    }
    expect(await readdir(folder)).toEqual(['outside']);
  });
});

test('lists an object that is a link, as its readers see it, and no folder by a second name', async () => {
  const store = new FolderStore(join(folder, 'lake'));
  await store.putIfAbsent('_manifests/0000000001.json', Buffer.from('one'));
  await writeFile(join(folder, 'archived'), 'two');
  await symlink(join(folder, 'archived'), join(folder, 'lake/_manifests/0000000002.json'));
  await symlink(join(folder, 'lost'), join(folder, 'lake/_manifests/0000000003.json'));
  await symlink(join(folder, 'lake/_manifests'), join(folder, 'lake/copy'));
  expect(await keysOf(store)).toEqual(['_manifests/0000000001.json', '_manifests/0000000002.json']);
  expect(await findNewestBatch(store)).toBe(2);
});

test('makes no folder before the first object', async () => {
  const store = new FolderStore(join(folder, 'lake'));
  expect(await keysOf(store)).toEqual([]);
  expect(await store.find('a/b')).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});

test('leaves nothing but the object, whether it was new, there already, or in conflict', async () => {
  const store = new FolderStore(folder);
  await store.putIfAbsent('a/b', Buffer.from('1'));
  await store.putIfAbsent('a/b', Buffer.from('1'));
  await store.putIfAbsent('a/b', Buffer.from('2'));
  expect(await readdir(folder, { recursive: true })).toEqual(['a', 'a/b']);
});

test('flushes the names of an object and of every folder created for it before it answers', async () => {
  const { synced, restore } = await watchSyncs();
  try {
    const store = new FolderStore(join(folder, 'lake'));
    await store.putIfAbsent('a/b/first', Buffer.from('1'));
    const inodeOf = async (path: string) => (await stat(join(folder, path))).ino;
    const inodes = await Promise.all(['lake/a/b/first', 'lake/a/b', 'lake/a', 'lake', '.'].map(inodeOf));
    expect(synced.splice(0)).toEqual(inodes);
    await store.putIfAbsent('a/b/second', Buffer.from('2'));
    expect(synced).toEqual([await inodeOf('lake/a/b/second'), inodes[1]]);
  } finally {
    restore();
  }
});

test('takes no notice of what a killed writer left', async () => {
  const store = new FolderStore(folder);
  await mkdir(join(folder, 'a', '.trash'), { recursive: true });
  await writeFile(join(folder, 'a', '.b.1234'), 'hal');
  await writeFile(join(folder, 'a', '.trash', 'c'), 'c');
  expect(await keysOf(store)).toEqual([]);
  expect(await store.putIfAbsent('a/b', Buffer.from('half no more'))).toBe('created');
  expect(await keysOf(store)).toEqual(['a/b']);
});

test('refuses a place that is a file, or lies below one', async () => {
  await writeFile(join(folder, 'file'), 'no folder');
  for (const path of ['file', 'file/lake']) {
    const store = new FolderStore(join(folder, path));
    const refusal = { code: ErrorCode.STORE_UNUSABLE, message: expect.stringContaining(join(folder, path)) };
    await expect(store.putIfAbsent('a/b', Buffer.from('x'))).rejects.toMatchObject(refusal);
    await expect(store.find('a/b')).rejects.toMatchObject(refusal);
    await expect(keysOf(store)).rejects.toMatchObject(refusal);
  }
});

test('refuses an object in the place of a folder, and a folder in the place of an object', async () => {
  const store = new FolderStore(folder);
  await store.putIfAbsent('a/b', Buffer.from('x'));
  await expect(store.putIfAbsent('a', Buffer.from('x'))).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
  await expect(store.putIfAbsent('a/b/c', Buffer.from('x'))).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
});

test('refuses a folder that it may not write to, and says so', async () => {
  await chmod(folder, 0o500);
  const store = new FolderStore(folder);
  const refusal = { code: ErrorCode.STORE_UNUSABLE, message: expect.stringContaining('EACCES') };
  await asOrdinaryUser(() => expect(store.putIfAbsent('a/b', Buffer.from('x'))).rejects.toMatchObject(refusal));
});

// Root may write anywhere, so the test switches to another user for a moment: 65534 is nobody.
// Notes the inode of whatever a file handle flushes.
async function watchSyncs(): Promise<{ synced: number[]; restore(): void }> {
  const handle = await open(folder, 'r');
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  const { sync } = prototype;
  const synced: number[] = [];
  prototype.sync = async function (this: FileHandle) {
    synced.push((await this.stat()).ino);
    return sync.call(this);
  };
  return {
    synced,
    restore: () => {
      prototype.sync = sync;
    },
  };
}

async function asOrdinaryUser(work: () => Promise<void>): Promise<void> {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}

async function keysOf(store: Store): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
}
