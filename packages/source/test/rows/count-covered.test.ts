import { totesysModel } from '@totesys/schema';
import { countCovered } from '../../src/rows/count-covered.ts';
import type { SourceSnapshot } from '../../src/snapshot/source-snapshot.ts';

test('begins no count on another connection once one has failed: they are given back', async () => {
  const asked: string[] = [];
  let answer = () => {};
  const failing = { unsafe: async () => Promise.reject(new Error('lost')) };
  const slow = {
    unsafe: async (statement: string) => {
      asked.push(statement);
      if (statement.startsWith('select count')) await new Promise<void>((resolve) => (answer = resolve));
      return [{ total: '1', in_window: '0' }];
    },
  };
  const snapshot = { connections: [slow, failing] } as unknown as SourceSnapshot;
  const tables = totesysModel.source.map((table) => ({ table, coverage: 'full' as const, rows: 1 }));
  const proven = new Set(tables.map(({ table }) => table.name));
  await expect(countCovered(snapshot, { window: { low: 1, span: 1 }, proven }, tables)).rejects.toThrow('lost');
  const before = [...asked];
  answer();
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toEqual(before);
});
