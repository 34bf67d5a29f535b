import { MANIFEST_FORMAT, manifestKey, partFolder } from '@totesys/lake';
import fc from 'fast-check';
import { sweepableMemory } from '../../../lake/src/stores/sweepable/sweepable-memory.ts';
import { storeWith } from '../../../lake/test/store-with.ts';
import { type Sweeping, sweepPlace } from '../../src/sweep/sweep-place.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
// The clock of the lake is fixed, so that no test runs across midnight.
const NOW_MS = Date.UTC(2026, 10, 22, 10);

interface Planted {
  readonly table: string;
  readonly batch: number;
  readonly ageMs: number;
  readonly folderAgeDays: number;
  readonly name: string;
}

const sweeping = (more: Partial<Sweeping> = {}): Sweeping => ({
  olderThanMs: DAY_MS,
  isDatedByRun: true,
  removes: true,
  interrupted: new AbortController().signal,
  progress: () => {},
  ...more,
});

const nameOf = (number: number) => number.toString(16).padStart(32, '0');
const keyOf = ({ table, batch, folderAgeDays, name }: Planted) =>
  `${partFolder(table, new Date(NOW_MS - folderAgeDays * DAY_MS).toISOString(), batch)}${name}.parquet`;

// A lake with objects that its manifests name, and other objects.
function makePlace(named: readonly Planted[], others: readonly Planted[], batches: number) {
  const objects = new Map<string, { body: Buffer; writtenMs: number }>();
  const put = (key: string, ageMs: number, body = 'x') =>
    objects.set(key, { body: Buffer.from(body), writtenMs: NOW_MS - ageMs });
  for (const part of [...named, ...others]) put(keyOf(part), part.ageMs);
  for (let batch = 1; batch <= batches; batch++) {
    const keys = named.filter((part) => part.batch === batch).map((part) => ({ table: part.table, key: keyOf(part) }));
    // Manifests name objects in several fields, and a later version may add one.
    const [parts, state, deleted, later] = [0, 1, 2, 3].map((n) => keys.filter((_, i) => i % 4 === n));
    const manifest = {
      format: MANIFEST_FORMAT,
      batch,
      parts,
      state,
      deleted,
      later: { deep: later!.map(({ key }) => [key]) },
    };
    put(manifestKey(batch), 90 * DAY_MS, JSON.stringify(manifest));
  }
  return { place: { ...sweepableMemory(objects), nowMs: async () => NOW_MS }, objects };
}

const planted = (batches: number, names: number) =>
  fc.record({
    table: fc.constantFrom(
      'sales_order',
      '_state/known-keys/sales_order',
      '_state/window-pairs/payment',
      '_deleted/payment',
    ),
    batch: fc.integer({ min: 1, max: batches }),
    ageMs: fc.integer({ min: 0, max: 5 * DAY_MS }),
    folderAgeDays: fc.integer({ min: 0, max: 6 }),
    name: fc.integer({ min: names, max: names + 500 }).map(nameOf),
  });

test('never removes a named part, a manifest or an object that a running stage may have written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(planted(6, 0), { maxLength: 30 }),
      fc.array(planted(7, 1_000), { maxLength: 30 }),
      fc.boolean(),
      async (named, others, isDatedByRun) => {
        const { place, objects } = makePlace(named, others, 6);
        const before = new Map(objects);
        await sweepPlace(place, sweeping({ isDatedByRun }));
        for (const part of named) expect(objects.has(keyOf(part))).toBe(true);
        for (let batch = 1; batch <= 6; batch++) expect(objects.has(manifestKey(batch))).toBe(true);
        for (const part of others) {
          const isOld = before.get(keyOf(part))!.writtenMs <= NOW_MS - DAY_MS;
          const isCommitted = part.batch <= 6;
          // The day of the folder ended more than a day ago.
          const isPast = isDatedByRun && part.folderAgeDays >= 2;
          if (!isOld || (!isCommitted && !isPast)) expect(objects.has(keyOf(part))).toBe(true);
          else if (isCommitted || part.folderAgeDays >= 3) expect(objects.has(keyOf(part))).toBe(false);
        }
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});

const orphan: Planted = { table: 'payment', batch: 1, ageMs: 3 * DAY_MS, folderAgeDays: 3, name: nameOf(7) };
const part: Planted = { ...orphan, name: nameOf(1) };

test('counts leftovers with their bytes, and removes them only if asked to', async () => {
  const { place, objects } = makePlace([part], [orphan], 1);
  const found = { manifests: 1, objects: 3, leftovers: 1, bytes: 1, keys: [keyOf(orphan)] };
  expect(await sweepPlace(place, sweeping({ removes: false }))).toMatchObject({ ...found, removed: 0 });
  expect(objects.size).toBe(3);
  expect(await sweepPlace(place, sweeping())).toMatchObject({ ...found, removed: 1 });
  expect([...objects.keys()].sort()).toEqual([manifestKey(1), keyOf(part)].sort());
});

test.each([
  ['of the ingestion lake, written today', { batch: 2, folderAgeDays: 0 }, true],
  ['of the ingestion lake, written on the day before', { batch: 2, folderAgeDays: 1 }, true],
  ['of the processed lake, however old: the next transform names it', { batch: 2, folderAgeDays: 40 }, false],
])('keeps a part of the next batch %s', async (_what, more, isDatedByRun) => {
  const { place, objects } = makePlace([part], [{ ...orphan, ...more }], 1);
  expect(await sweepPlace(place, sweeping({ isDatedByRun }))).toMatchObject({ leftovers: 0 });
  expect(objects.size).toBe(3);
});

test('keeps a part whose batch is committed during the sweep', async () => {
  const late: Planted = { ...orphan, batch: 2 };
  const { place, objects } = makePlace([part], [late], 1);
  const store = storeWith(place.store, {
    async *list(prefix, options) {
      yield* place.store.list(prefix, options);
      // Immediately after the manifests were listed.
      if (prefix !== '') objects.set(manifestKey(2), { body: Buffer.from('{"batch":2}'), writtenMs: NOW_MS });
    },
  });
  expect(await sweepPlace({ ...place, store }, sweeping())).toMatchObject({ leftovers: 1, removed: 0 });
  expect(objects.has(keyOf(late))).toBe(true);
});

test('does not mistake batches committed during the sweep for lost ones', async () => {
  const { place, objects } = makePlace(
    [part],
    [2, 3, 4].map((batch) => ({ ...part, batch, ageMs: 0 })),
    1,
  );
  const store = storeWith(place.store, {
    async *list(prefix, options) {
      yield* place.store.list(prefix, options);
      if (prefix !== '') return;
      for (const batch of [2, 3]) objects.set(manifestKey(batch), { body: Buffer.from(''), writtenMs: NOW_MS });
    },
  });
  expect(await sweepPlace({ ...place, store }, sweeping())).toMatchObject({ leftovers: 0, removed: 0 });
});

test('keeps every object that is no part', async () => {
  const { place, objects } = makePlace([part], [], 1);
  const others = [
    '_requests/0000000001.json',
    '_accepted/0000000001.json',
    '_proofs/0000000001-20261129T010203000000.json',
    'notes.txt',
    'payment/a.parquet',
  ];
  for (const key of others) objects.set(key, { body: Buffer.from('x'), writtenMs: 0 });
  expect(await sweepPlace(place, sweeping())).toMatchObject({ objects: 7, leftovers: 0 });
});

describe('removes nothing and reports the reason', () => {
  test('if a manifest is missing, whose parts look like leftovers', async () => {
    const { place, objects } = makePlace([part, { ...part, batch: 2 }, { ...part, batch: 3 }], [orphan], 3);
    objects.delete(manifestKey(2));
    await expect(sweepPlace(place, sweeping())).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringContaining(manifestKey(2)),
    });
    expect(objects.size).toBe(6);
  });

  test.each([
    ['the newest', [2, 3]],
    ['all', [1, 2, 3]],
  ])('if %s manifests are lost and only their parts are left', async (_which, lost) => {
    const { place, objects } = makePlace([part, { ...part, batch: 2 }, { ...part, batch: 3 }], [orphan], 3);
    for (const batch of lost) objects.delete(manifestKey(batch));
    const left = objects.size;
    await expect(sweepPlace(place, sweeping())).rejects.toMatchObject({
      code: 'CHAIN_BROKEN',
      message: expect.stringMatching(/parts of batch 3/),
    });
    expect(objects.size).toBe(left);
  });

  test.each([
    ['cut off', '{"batch":1,"par'],
    ['of another batch', '{"batch":8}'],
  ])('if a manifest is %s', async (_how, body) => {
    const { place, objects } = makePlace([part], [orphan], 1);
    objects.set(manifestKey(1), { body: Buffer.from(body), writtenMs: 0 });
    await expect(sweepPlace(place, sweeping())).rejects.toMatchObject({ code: 'MANIFEST_UNREADABLE' });
    expect(objects.size).toBe(3);
  });
});

test('uses the clock of the lake: a machine whose clock is days ahead finds no older leftover', async () => {
  // The clock of the lake is nine days behind this machine, and the part is an hour old by it.
  const behindMs = 9 * DAY_MS;
  const { place } = makePlace([part], [{ ...orphan, ageMs: behindMs + HOUR_MS }], 1);
  const nowMs = async () => NOW_MS - behindMs;
  expect(await sweepPlace({ ...place, nowMs }, sweeping())).toMatchObject({ leftovers: 0 });
});

test('finds nothing in a lake without a batch', async () => {
  expect(await sweepPlace(sweepableMemory(), sweeping())).toMatchObject({ manifests: 0, objects: 0, leftovers: 0 });
});
