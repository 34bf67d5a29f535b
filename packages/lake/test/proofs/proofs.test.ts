import { describeProof, findLastProof, memoryStore, type Proof, type Store, writeProof } from '../../src/index.ts';
import { storeWith } from '../store-with.ts';

/** A proof of a batch without findings. */
const proofOf = (batch: number, clock: string): Proof =>
  describeProof({
    batch,
    through: batch,
    clock,
    codeVersion: 'test',
    ok: true,
    rows: { compared: 0, ranges: 0, differing: 0, unread: 0, left: 0 },
    tables: [],
    differences: [],
    history: { faults: 0, named: [] },
    lake: { batches: 0, parts: 0, bytes: 0, faults: 0, named: [] },
    next: { slice: 1, slices: 24, keys: { fact_payment: 7 }, batch: 1 },
  });

/** A store whose listings show each object with the time that `timeOf` returns. */
function clockedStore(timeOf: (key: string) => number): Store {
  const store = memoryStore();
  return storeWith(store, {
    list: async function* (prefix, options) {
      for await (const object of store.list(prefix, options)) yield { ...object, writtenMs: timeOf(object.key) };
    },
  });
}

test('a proof is an object below _proofs/, named by its batch and the clock of the source', async () => {
  const store = memoryStore();
  const proof = proofOf(42, '2026-11-29T01:02:03.123456');
  expect(await writeProof(store, proof)).toBe('_proofs/0000000042-20261129T010203123456.json');
  expect(await findLastProof(store, 42)).toEqual({ key: '_proofs/0000000042-20261129T010203123456.json', proof });
});

test('another proof at the same microsecond is refused', async () => {
  const store = memoryStore();
  const proof = proofOf(1, '2026-11-29T01:02:03.123456');
  await writeProof(store, proof);
  await expect(writeProof(store, { ...proof, codeVersion: 'other' })).rejects.toMatchObject({
    code: 'OBJECT_CONFLICT',
  });
});

test('the last proof is the one that the store wrote last, also after the ledger began again', async () => {
  const order = ['0000000900', '0000000003'];
  const store = clockedStore((key) => order.findIndex((batch) => key.includes(batch)));
  await writeProof(store, proofOf(900, '2026-11-29T01:00:00.000000'));
  await writeProof(store, proofOf(3, '2026-11-29T02:00:00.000000'));
  expect((await findLastProof(store, 3))?.proof.batch).toBe(3);
});

test('an object that is no proof is passed over, and without a proof there is none', async () => {
  const store = clockedStore((key) => (key.includes('nonsense') ? 2 : 1));
  expect(await findLastProof(store, 0)).toBeUndefined();
  await store.putIfAbsent('_proofs/0000000009-nonsense.json', Buffer.from('{'));
  expect(await findLastProof(store, 9)).toBeUndefined();
  await writeProof(store, proofOf(2, '2026-11-29T01:00:00.000000'));
  expect((await findLastProof(store, 9))?.proof.batch).toBe(2);
});

test('only the proofs of the newest batches are listed, unless they have none', async () => {
  const store = memoryStore();
  await writeProof(store, proofOf(5, '2026-11-29T01:00:00.000000'));
  const listed: (string | undefined)[] = [];
  const watched = storeWith(store, {
    list: (prefix, options) => {
      listed.push(options?.after);
      return store.list(prefix, options);
    },
  });
  expect((await findLastProof(watched, 2_000))?.proof.batch).toBe(5);
  expect(listed).toEqual(['_proofs/0000001000-', undefined]);
});
