import { manifestKey, memoryStore } from '@totesys/lake';
import { storeWith } from '../../../lake/test/store-with.ts';
import { examineLake } from '../../src/doctor/examine-lake.ts';

const body = Buffer.from('manifest');

const bucket = (parts: Parameters<typeof storeWith>[1] = {}) => storeWith(memoryStore(), parts);

const checkOf = async (store: ReturnType<typeof storeWith>) =>
  (await examineLake('ingestion', store)).find(({ subject }) => subject === 'write');

test('an empty bucket into which nothing may be put is a fault', async () => {
  const refuses = bucket({ putIfAbsent: () => Promise.reject(new Error('AccessDenied')) });
  expect(await checkOf(refuses)).toMatchObject({ state: 'fault', found: 'AccessDenied' });
  expect(await checkOf(bucket())).toMatchObject({ state: 'ok' });
});

test('a bucket that replaces objects is a fault, and no manifest is put into it', async () => {
  const memory = memoryStore();
  await memory.putIfAbsent(manifestKey(1), body);
  const puts: string[] = [];
  const replaces = storeWith(memory, {
    putIfAbsent: async (key) => {
      puts.push(key);
      return 'created';
    },
  });
  expect(await checkOf(replaces)).toMatchObject({ state: 'fault', remedy: expect.stringContaining('Amazon S3') });
  expect(new Set(puts)).toEqual(new Set(['_state/probe.json']));
});
