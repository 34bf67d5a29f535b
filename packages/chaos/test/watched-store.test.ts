import { memoryStore, type Store } from '@totesys/lake';
import { Effects, type Fault } from '../src/effects.ts';
import { watchStore } from '../src/watched-store.ts';

const KEY = 'sales_order/batch_date=2026-11-22/batch=0000000042/x.parquet';
const body = Buffer.from('rows');

let store: Store;

beforeEach(() => {
  store = memoryStore();
});

const strike = (kind: 'put' | 'get', fault: Fault) =>
  watchStore(
    store,
    'ingestion',
    new Effects({ point: 1, effect: { kind, label: `${kind} ingestion sales_order/`, nth: 1 }, fault }),
  );

test('a lost answer leaves the object there, an unreachable store does not', async () => {
  await expect(strike('put', 'unreachable').putIfAbsent(KEY, body)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  expect(await store.find(KEY)).toBeUndefined();
  await expect(strike('put', 'lost').putIfAbsent(KEY, body)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' });
  expect(await store.find(KEY)).toEqual(new Uint8Array(body));
});

test('a truncated read returns half, once', async () => {
  await store.putIfAbsent(KEY, body);
  const struck = strike('get', 'truncated');
  expect(Buffer.from(await struck.get(KEY)).toString()).toBe('ro');
  expect(Buffer.from(await struck.get(KEY)).toString()).toBe('rows');
});

test('a store that times out says so', async () => {
  await expect(strike('get', 'timed-out').find(KEY)).rejects.toMatchObject({ code: 'TIMED_OUT' });
});
