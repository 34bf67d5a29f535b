import { ErrorCode } from '@totesys/runtime';
import type { Store } from '../../src/index.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const text = (body: Uint8Array | undefined) => body && Buffer.from(body).toString();

/** What every store must do; `open` returns an empty one. */
export function storeConformance(open: () => Promise<Store>): void {
  let store: Store;

  beforeEach(async () => {
    store = await open();
  });

  const keysOf = async (prefix: string, options?: { after?: string; limit?: number }) => {
    const keys: string[] = [];
    for await (const { key } of store.list(prefix, options)) keys.push(key);
    return keys;
  };
  const putAll = async (keys: readonly string[]) => {
    for (const key of keys) expect(await store.putIfAbsent(key, bytes(key))).toBe('created');
  };

  test('returns what was put, byte by byte, and a copy of its own to each caller', async () => {
    const body = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) % 256);
    expect(await store.putIfAbsent('table/batch_date=2026-11-22/a.bin', body)).toBe('created');
    const first = await store.get('table/batch_date=2026-11-22/a.bin');
    expect(Buffer.from(first).equals(body)).toBe(true);
    first.fill(0);
    expect(Buffer.from((await store.find('table/batch_date=2026-11-22/a.bin'))!).equals(body)).toBe(true);
  });

  test('returns a range of an object, also if the object ends sooner or has no byte there', async () => {
    await store.putIfAbsent('a/b', bytes('0123456789'));
    expect(text(await store.getRange('a/b', 0, 4))).toBe('0123');
    expect(text(await store.getRange('a/b', 7, 10))).toBe('789');
    expect(text(await store.getRange('a/b', 7, 99))).toBe('789');
    expect(text(await store.getRange('a/b', 4, 4))).toBe('');
    expect(text(await store.getRange('a/b', 10, 20))).toBe('');
    await expect(store.getRange('a/c', 0, 4)).rejects.toMatchObject({ code: ErrorCode.OBJECT_MISSING });
    await expect(store.getRange('../b', 0, 4)).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
  });

  test('keeps an object without a byte', async () => {
    expect(await store.putIfAbsent('empty', new Uint8Array())).toBe('created');
    expect(await store.find('empty')).toHaveLength(0);
    expect(await store.putIfAbsent('empty', new Uint8Array())).toBe('same');
  });

  test('never replaces an object, and distinguishes the same bytes from others', async () => {
    await store.putIfAbsent('a', bytes('one'));
    expect(await store.putIfAbsent('a', bytes('one'))).toBe('same');
    expect(await store.putIfAbsent('a', bytes('two'))).toBe('conflict');
    expect(await store.putIfAbsent('a', bytes(''))).toBe('conflict');
    expect(text(await store.get('a'))).toBe('one');
  });

  test('lets one of many that race for a key make it', async () => {
    const bodies = Array.from({ length: 8 }, (_, i) => `body ${i}`);
    const outcomes = await Promise.all(bodies.map((body) => store.putIfAbsent('raced', bytes(body))));
    expect([...outcomes].sort()).toEqual([...Array(7).fill('conflict'), 'created']);
    expect(text(await store.get('raced'))).toBe(bodies[outcomes.indexOf('created')]);
  });

  test('answers concurrent puts of the same bytes with same', async () => {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => store.putIfAbsent('raced', bytes('body'))));
    expect([...outcomes].sort()).toEqual(['created', ...Array(7).fill('same')]);
  });

  test('shows an object whole or not at all while it is put', async () => {
    const body = new Uint8Array(8 * 1024 * 1024).fill(7);
    let isPut = false;
    const put = store.putIfAbsent('large', body).finally(() => {
      isPut = true;
    });
    const sizes = new Set<number | undefined>();
    while (!isPut) {
      sizes.add((await store.find('large'))?.length);
      for await (const { sizeBytes } of store.list('')) sizes.add(sizeBytes);
    }
    expect(await put).toBe('created');
    sizes.delete(undefined);
    sizes.delete(body.length);
    expect([...sizes]).toEqual([]);
    expect((await store.get('large')).length).toBe(body.length);
  });

  test('finds nothing where nothing is, and says what is missing where it is needed', async () => {
    await store.putIfAbsent('folder/a', bytes('a'));
    expect(await store.find('folder/b')).toBeUndefined();
    expect(await store.find('folder')).toBeUndefined();
    expect(await store.find('elsewhere/a')).toBeUndefined();
    await expect(store.get('folder/b')).rejects.toMatchObject({
      code: ErrorCode.OBJECT_MISSING,
      message: expect.stringContaining('folder/b'),
    });
  });

  test('lists an empty place as empty', async () => {
    expect(await keysOf('')).toEqual([]);
    expect(await keysOf('any/where/')).toEqual([]);
  });

  test('lists in the order of the keys, as bytes, with sizes', async () => {
    const ordered = ['_m/1', 'a.txt', 'a/b', 'a/c/d', 'a=1', 'b/\uff5e', 'b/😀', 'c d+e%20f/ü'];
    await putAll([...ordered].reverse());
    expect(await keysOf('')).toEqual(ordered);
    for await (const { key, sizeBytes } of store.list('')) expect(sizeBytes).toBe(Buffer.byteLength(key));
  });

  test('lists what begins with a prefix, be it a folder or a part of a name', async () => {
    await putAll(['t/batch=01/x', 't/batch=02/x', 't/batch=02/y', 't/batch=1', 'tt/x', 'u']);
    expect(await keysOf('t/')).toEqual(['t/batch=01/x', 't/batch=02/x', 't/batch=02/y', 't/batch=1']);
    expect(await keysOf('t/batch=0')).toEqual(['t/batch=01/x', 't/batch=02/x', 't/batch=02/y']);
    expect(await keysOf('t/batch=02/y')).toEqual(['t/batch=02/y']);
    expect(await keysOf('t')).toHaveLength(5);
    expect(await keysOf('v')).toEqual([]);
  });

  test('lists after a key, which may be missing, and no more than the limit', async () => {
    const keys = ['a', 'b/a', 'b/b', 'b/c/a', 'b/c/b', 'b0', 'c/a'];
    await putAll(keys);
    for (const after of [...keys, 'a0', 'b', 'b/', 'b/c', 'b/c/', 'b/c/a0', 'b/d', 'c', 'z']) {
      const expected = keys.filter((key) => key > after);
      expect(await keysOf('', { after })).toEqual(expected);
      expect(await keysOf('', { after, limit: 2 })).toEqual(expected.slice(0, 2));
      expect(await keysOf('b/', { after, limit: 1 })).toEqual(
        expected.filter((key) => key.startsWith('b/')).slice(0, 1),
      );
    }
    expect(await keysOf('', { limit: 0 })).toEqual([]);
  });

  test('refuses keys that are not plain', async () => {
    for (const key of [
      '',
      '/a',
      'a/',
      'a//b',
      '../a',
      'a/../b',
      'a/./b',
      '.hidden',
      'a/.hidden',
      'a\\b',
      'a\nb',
      'a\0b',
    ]) {
      await expect(store.putIfAbsent(key, bytes('x'))).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
      await expect(store.find(key)).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
    }
    await expect(keysOf('../')).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
    expect(await keysOf('')).toEqual([]);
  });
}
