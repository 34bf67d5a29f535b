import {
  findRequest,
  listOpenRequests,
  MOST_REQUEST_BYTES,
  memoryStore,
  parseRequest,
  type Request,
  requestKey,
  type Store,
  writeManifest,
  writeRequest,
} from '../../src/index.ts';
import { ingestionManifest } from '../ingestion-manifest.ts';

const accept: Request = { kind: 'accept-deletes', table: 'payment' };
const repair = (first: number): Request => ({
  kind: 'read',
  reason: 'repair',
  tables: [{ table: 'staff', keys: [[first, first + 1]] }],
});

const keysOf = async (store: Store) => {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys;
};

describe('a request', () => {
  test('is filed under the next number and read back as it was', async () => {
    const store = memoryStore();
    expect(await writeRequest(store, accept)).toBe('0000000001');
    expect(await writeRequest(store, repair(1))).toBe('0000000002');
    expect(await keysOf(store)).toEqual(['_requests/0000000001.json', '_requests/0000000002.json']);
    expect(await findRequest(store, '0000000002')).toEqual(repair(1));
    expect(await findRequest(store, '0000000003')).toBeUndefined();
  });

  test('of several filed at one moment keeps all, each under a number of its own', async () => {
    const store = memoryStore();
    const ids = await Promise.all(Array.from({ length: 20 }, (_, i) => writeRequest(store, repair(i))));
    expect(new Set(ids).size).toBe(20);
    for (const [i, id] of ids.entries()) expect(await findRequest(store, id)).toEqual(repair(i));
  });

  test('skips requests with names, and uses no number that a batch has answered', async () => {
    const store = memoryStore();
    await store.putIfAbsent(requestKey('mine'), Buffer.from('{}'));
    await writeManifest(store, ingestionManifest({ requestState: { through: 41, named: ['mine'], open: [] } }));
    expect(await writeRequest(store, accept)).toBe('0000000042');
  });

  test('that is open has the object of its very name, and none once that is renamed', async () => {
    const store = memoryStore();
    const open = { id: '0000000001', done: { staff: 3 } };
    const listed = async () => {
      const found: unknown[] = [];
      for await (const each of listOpenRequests(store, { through: 1, named: [], open: [open] })) found.push(each);
      return found;
    };
    await store.putIfAbsent(`${requestKey(open.id)}.bak`, Buffer.from('{}'));
    expect(await listed()).toEqual([{ open }]);
    await writeRequest(store, accept);
    expect(await listed()).toEqual([{ open, object: expect.objectContaining({ key: requestKey(open.id) }) }]);
  });

  test.each<[string, unknown]>([
    ['keys the wrong way round', { ...repair(1), tables: [{ table: 'staff', keys: [[2, 1]] }] }],
    ['keys that are no integers', { ...repair(1), tables: [{ table: 'staff', keys: [[1.5, 2]] }] }],
    ['no keys', { ...repair(1), tables: [{ table: 'staff', keys: [] }] }],
    ['another reason', { ...repair(1), reason: 'fun' }],
    ['another kind', { kind: 'drop' }],
  ])('with %s is not filed', async (_fault, asked) => {
    const store = memoryStore();
    await expect(writeRequest(store, asked as Request)).rejects.toMatchObject({ code: 'REQUEST_UNFIT' });
    expect(await keysOf(store)).toEqual([]);
  });

  test('of more than it may weigh is neither filed nor understood', async () => {
    const keys = Array.from({ length: 250_000 }, (_, i): [number, number] => [2 ** 50 + i, 2 ** 50 + i]);
    const asked: Request = { kind: 'read', reason: 'backfill', tables: [{ table: 'staff', keys }] };
    await expect(writeRequest(memoryStore(), asked)).rejects.toMatchObject({ code: 'REQUEST_UNFIT' });
    expect(parseRequest(Buffer.alloc(MOST_REQUEST_BYTES + 1, ' '))).toBeUndefined();
  });

  test.each([['{'], [''], ['null'], ['[]'], ['{"kind":"read"}'], ['"accept-deletes"']])(
    'that says %s is not understood',
    (text) => {
      expect(parseRequest(Buffer.from(text))).toBeUndefined();
    },
  );

  test('that is no UTF-8 is not understood', () => {
    expect(parseRequest(Buffer.from([0xff, 0xfe]))).toBeUndefined();
  });
});
