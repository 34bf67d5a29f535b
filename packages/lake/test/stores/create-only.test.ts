import { ErrorCode } from '@totesys/runtime';
import { manifestKey, memoryStore, type Store } from '../../src/index.ts';
import { createOnlyStore } from '../../src/stores/create-only.ts';
import { storeWith } from '../store-with.ts';

const body = (text: string) => new Uint8Array(Buffer.from(text));

test('proves on an empty store that an object is not replaced, once, before the first write', async () => {
  const { store, puts } = watched(memoryStore());
  const checked = createOnlyStore(store);
  await Promise.all([checked.putIfAbsent('a', body('a')), checked.putIfAbsent('b', body('b'))]);
  await checked.putIfAbsent('c', body('c'));
  expect(puts).toEqual(['_state/probe.json', '_state/probe.json', 'a', 'b', 'c']);
});

test('proves it by the same object in a lake, and never puts a manifest again', async () => {
  const memory = memoryStore();
  for (const batch of [1, 2, 3]) await memory.putIfAbsent(manifestKey(batch), body(`manifest ${batch}`));
  const { store, puts } = watched(memory);
  await createOnlyStore(store).putIfAbsent('a', body('a'));
  await createOnlyStore(store).putIfAbsent('b', body('b'));
  expect(puts).toEqual(['_state/probe.json', '_state/probe.json', 'a', '_state/probe.json', 'b']);
});

test('writes the result of a proof without the check, because its role may write no manifest', async () => {
  const memory = memoryStore();
  await memory.putIfAbsent(manifestKey(1), body('manifest 1'));
  const { store, puts } = watched(memory);
  await createOnlyStore(store).putIfAbsent('_proofs/a.json', body('a'));
  expect(puts).toEqual(['_proofs/a.json']);
});

test('asks a store for nothing as long as nothing is written', async () => {
  const { store, puts } = watched(memoryStore());
  const checked = createOnlyStore(store);
  await checked.find('a');
  for await (const _ of checked.list('')) throw new Error('expected an empty store');
  expect(puts).toEqual([]);
});

test.each([
  ['an empty store', []],
  ['a lake', [1, 2]],
])('refuses %s that ignores If-None-Match before anything is written', async (_, batches) => {
  const memory = memoryStore();
  for (const batch of batches) await memory.putIfAbsent(manifestKey(batch), body(`manifest ${batch}`));
  // It replaces whatever is there, and says that it created it.
  const { store, puts } = watched(storeWith(memory, { putIfAbsent: async () => 'created' }));
  const checked = createOnlyStore(store);
  for (let attempt = 0; attempt < 2; attempt++) {
    await expect(checked.putIfAbsent('a', body('a'))).rejects.toMatchObject({
      code: ErrorCode.STORE_UNUSABLE,
      message: expect.stringMatching(
        `put '_state/probe.json' again.*expected 412 Precondition Failed, but the store replaced`,
      ),
    });
  }
  expect(new Set(puts)).toEqual(new Set(['_state/probe.json']));
});

test('asks again after a fault on the way, which proves nothing', async () => {
  let isDown = true;
  const memory = memoryStore();
  const store = storeWith(memory, {
    putIfAbsent: async (key, content) => {
      if (isDown) throw new Error('the network is down');
      return await memory.putIfAbsent(key, content);
    },
  });
  const checked = createOnlyStore(store);
  await expect(checked.putIfAbsent('a', body('a'))).rejects.toThrow('the network is down');
  isDown = false;
  expect(await checked.putIfAbsent('a', body('a'))).toBe('created');
});

function watched(store: Store): { store: Store; puts: string[] } {
  const puts: string[] = [];
  const putIfAbsent: Store['putIfAbsent'] = (key, content) => {
    puts.push(key);
    return store.putIfAbsent(key, content);
  };
  return { store: storeWith(store, { putIfAbsent }), puts };
}
