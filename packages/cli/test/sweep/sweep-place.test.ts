import { MANIFEST_FORMAT, manifestKey, partFolder } from '@totesys/lake';
import fc from 'fast-check';
import { sweepableMemory } from '../../../lake/src/stores/sweepable/sweepable-memory.ts';
import { storeWith } from '../../../lake/test/store-with.ts';
import { type Sweeping, sweepPlace } from '../../src/sweep/sweep-place.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;
// The clock of the place: no test ends on another day than it began.
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

// A place with manifests that name some of what lies there, and other objects beside them.
function makePlace(named: readonly Planted[], others: readonly Planted[], batches: number) {
  const objects = new Map<string, { body: Buffer; writtenMs: number }>();
  const put = (key: string, ageMs: number, body = 'x') =>
    objects.set(key, { body: Buffer.from(body), writtenMs: NOW_MS - ageMs });
  for (const part of [...named, ...others]) put(keyOf(part), part.ageMs);
  for (let batch = 1; batch <= batches; batch++) {
    const keys = named.filter((part) => part.batch === batch).map((part) => ({ table: part.table, key: keyOf(part) }));
    // As a manifest names them: parts, quarantine, known keys and window pairs, and what a later version may think of.
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

test('whatever lies there, nothing that a manifest names, no manifest and nothing of a run at work is ever removed', async () => {
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
          // The folder's day ended more than a day ago.
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

test('counts what it finds with its bytes and removes nothing unless told to', async () => {
  const { place, objects } = makePlace([part], [orphan], 1);
  const found = { manifests: 1, objects: 3, leftovers: 1, bytes: 1, keys: [keyOf(orphan)] };
  expect(await sweepPlace(place, sweeping({ removes: false }))).toMatchObject({ ...found, removed: 0 });
  expect(objects.size).toBe(3);
  expect(await sweepPlace(place, sweeping())).toMatchObject({ ...found, removed: 1 });
  expect([...objects.keys()].sort()).toEqual([manifestKey(1), keyOf(part)].sort());
});

test.each([
  ['of the ingestion lake, written today', { batch: 2, folderAgeDays: 0 }, true],
  ['of the ingestion lake, of a day that has just ended', { batch: 2, folderAgeDays: 1 }, true],
  ['of the processed lake, however old: the next transform names it', { batch: 2, folderAgeDays: 40 }, false],
])('keeps a part of the batch to come %s', async (_what, more, isDatedByRun) => {
  const { place, objects } = makePlace([part], [{ ...orphan, ...more }], 1);
  expect(await sweepPlace(place, sweeping({ isDatedByRun }))).toMatchObject({ leftovers: 0 });
  expect(objects.size).toBe(3);
});

test('keeps a part whose batch is committed while the sweep is at work', async () => {
  const late: Planted = { ...orphan, batch: 2 };
  const { place, objects } = makePlace([part], [late], 1);
  const store = storeWith(place.store, {
    async *list(prefix, options) {
      yield* place.store.list(prefix, options);
      // Right behind the listing of manifests.
      if (prefix !== '') objects.set(manifestKey(2), { body: Buffer.from('{"batch":2}'), writtenMs: NOW_MS });
    },
  });
  expect(await sweepPlace({ ...place, store }, sweeping())).toMatchObject({ leftovers: 1, removed: 0 });
  expect(objects.has(keyOf(late))).toBe(true);
});

test('takes no batch that is committed while it looks for one that is lost', async () => {
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

test('leaves alone what is no part', async () => {
  const { place, objects } = makePlace([part], [], 1);
  for (const key of ['_requests/0000000001.json', '_accepted/0000000001.json', 'notes.txt', 'payment/a.parquet'])
    objects.set(key, { body: Buffer.from('x'), writtenMs: 0 });
  expect(await sweepPlace(place, sweeping())).toMatchObject({ objects: 6, leftovers: 0 });
});

describe('removes nothing, and says why', () => {
  test('where a manifest is missing, whose parts would seem to be leftovers', async () => {
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
  ])('where %s manifests are lost, of which the parts alone tell', async (_which, lost) => {
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
  ])('where a manifest is %s', async (_how, body) => {
    const { place, objects } = makePlace([part], [orphan], 1);
    objects.set(manifestKey(1), { body: Buffer.from(body), writtenMs: 0 });
    await expect(sweepPlace(place, sweeping())).rejects.toMatchObject({ code: 'MANIFEST_UNREADABLE' });
    expect(objects.size).toBe(3);
  });
});

test('an age is the place’s own: a machine whose clock is days ahead finds nothing older', async () => {
  // The place is nine days behind this machine, and the part was written an hour before by its clock.
  const behindMs = 9 * DAY_MS;
  const { place } = makePlace([part], [{ ...orphan, ageMs: behindMs + HOUR_MS }], 1);
  const nowMs = async () => NOW_MS - behindMs;
  expect(await sweepPlace({ ...place, nowMs }, sweeping())).toMatchObject({ leftovers: 0 });
});

test('a lake without a batch is swept of nothing', async () => {
  expect(await sweepPlace(sweepableMemory(), sweeping())).toMatchObject({ manifests: 0, objects: 0, leftovers: 0 });
});
