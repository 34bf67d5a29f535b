import { ErrorCode } from '@totesys/runtime';
import type { Sweepable } from '../../src/stores/sweepable/sweepable.ts';

/** A clock in another place may be this far from the test's. */
const CLOCKS_APART_MS = 60_000;

/** What every place that can be swept must do; `open` returns an empty one. */
export function sweepableConformance(open: () => Promise<Sweepable>): void {
  let place: Sweepable;

  beforeEach(async () => {
    place = await open();
  });

  const listed = async () => {
    const objects = [];
    for await (const object of place.store.list('')) objects.push(object);
    return objects;
  };

  test('removes the named object and no other, and a missing one without an error', async () => {
    for (const key of ['a/b', 'a/bc', 'b']) await place.store.putIfAbsent(key, Buffer.from(key));
    await place.remove('a/b');
    await place.remove('a/b');
    await place.remove('never/there');
    expect((await listed()).map(({ key }) => key)).toEqual(['a/bc', 'b']);
    expect(await place.store.find('a/b')).toBeUndefined();
    expect(await place.store.putIfAbsent('a/b', Buffer.from('again'))).toBe('created');
  });

  test('removes an object whose key needs encoding', async () => {
    await place.store.putIfAbsent('c d+e%20f/ü', Buffer.from('x'));
    await place.remove('c d+e%20f/ü');
    expect(await listed()).toEqual([]);
  });

  test('dates an object by the clock of its own place', async () => {
    await place.store.putIfAbsent('a', Buffer.from('x'));
    const [object] = await listed();
    const nowMs = await place.nowMs();
    expect(Math.abs(nowMs - object!.writtenMs)).toBeLessThan(CLOCKS_APART_MS);
    expect(Math.abs(nowMs - Date.now())).toBeLessThan(CLOCKS_APART_MS);
  });

  test('has no temporaries where no writer was killed', async () => {
    await place.store.putIfAbsent('a/b', Buffer.from('x'));
    for await (const temporary of place.temporaries()) throw new Error(`left: ${temporary.key}`);
  });

  test('refuses keys that are not plain', async () => {
    for (const key of ['', '/a', '../a', 'a/../b', 'a//b', 'a\0b']) {
      await expect(place.remove(key)).rejects.toMatchObject({ code: ErrorCode.STORE_UNUSABLE });
    }
  });
}
