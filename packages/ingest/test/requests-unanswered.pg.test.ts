import { MOST_REQUEST_BYTES, requestKey } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;

beforeEach(async () => {
  source = await createIngestedSource();
});

afterEach(() => source.close());

const sql = () => source.database.sql;
const serials = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const put = (id: string, body: string) => source.store.putIfAbsent(requestKey(id), Buffer.from(body));

describe('a request that cannot be answered', () => {
  beforeEach(async () => {
    await source.run();
  });
  const read = (tables: unknown) => JSON.stringify({ kind: 'read', reason: 'repair', tables });

  test.each<[string, string]>([
    ['no JSON', '{ "kind": "read"'],
    ['nothing', ''],
    ['an unknown kind', '{ "kind": "drop", "table": "staff" }'],
    ['an unknown table', read([{ table: 'staffs', keys: [[1, 2]] }])],
    [
      'one unknown table among known ones',
      read([
        { table: 'staff', keys: [[1, 2]] },
        { table: '__proto__', keys: [[1, 2]] },
      ]),
    ],
    ['keys as text', read([{ table: 'staff', keys: [['1', '2; drop table staff']] }])],
    [
      'keys that are infinite',
      '{"kind":"read","reason":"repair","tables":[{"table":"staff","keys":[[-1e999,1e999]]}]}',
    ],
    ['keys the wrong way round', read([{ table: 'staff', keys: [[2, 1]] }])],
    ['one number where a range should be', read([{ table: 'staff', keys: [1] }])],
    [
      'too many keys named one by one',
      read([{ table: 'staff', keys: serials(0, 200).map((i) => [i * 2_000_000, i * 2_000_000 + 999_999]) }]),
    ],
    ['nested arrays without end', '['.repeat(100_000)],
    ['too many bytes', ' '.repeat(MOST_REQUEST_BYTES + 1)],
  ])('%s: gets a warning, stays, and blocks neither changes nor other requests', async (_what, body) => {
    await put('0000000001', body);
    await source.ask('staff', [2, 2]);
    await source.orders(101, 101);
    const events: string[] = [];
    const telemetry = { ...silentTelemetry, warn: (event: string) => void events.push(event) };
    const result = await source.run({ telemetry });
    expect(result).toMatchObject({ outcome: 'committed', rows: 2, complete: true });
    expect(result.warnings).toEqual([expect.stringContaining("'0000000001'")]);
    expect(events).toEqual(['request:unreadable']);
    expect(await source.newest()).toMatchObject({
      requests: ['0000000002'],
      requestState: { through: 2, open: [{ id: '0000000001' }] },
    });
    const next = await source.run();
    expect(next).toMatchObject({ outcome: 'unchanged', warnings: [expect.stringContaining('0000000001')] });
  });

  test.each<[string, [number, number][]]>([
    ['negative keys', [[-5, -1]]],
    ['keys beyond int4', [[0x80000000, 0x80000010]]],
    [
      'keys at the ends of int4',
      [
        [-0x80000000, -0x7fffffff],
        [0x7ffffffe, 0x7fffffff],
      ],
    ],
    [
      'wide ranges at the ends of int4',
      [
        [-0x80000000, -0x7ff00000],
        [0x7ff00000, 0x7fffffff],
      ],
    ],
    ['keys at the ends of what JSON can say', [[Number.MIN_SAFE_INTEGER, Number.MIN_SAFE_INTEGER + 3]]],
  ])('with %s is answered', async (_what, keys) => {
    const id = await source.ask('sales_order', ...keys);
    expect(await source.run()).toMatchObject({ outcome: 'committed', rows: 0, complete: true });
    expect(await source.newest()).toMatchObject({ requests: [id], requestState: { open: [] } });
    expect((await source.newest()).tables.sales_order!.keys.count).toBe(100);
  });

  test('by this model is answered by a newer one that understands it', async () => {
    await put(
      '0000000001',
      read([
        { table: 'staff', keys: [[1, 1]] },
        { table: 'gift', keys: [[1, 1]] },
      ]),
    );
    await source.orders(101, 101);
    await source.run();
    const staff = totesysModel.source.find(({ name }) => name === 'department')!;
    await sql()`create table gift as select department_id, department_name, location, manager, created_at, last_updated from department`;
    const model = { ...totesysModel, source: [...totesysModel.source, { ...staff, name: 'gift' }] };
    await source.runAll({ model });
    expect(await source.carried('staff', 'changed', 3)).toEqual([1]);
    expect((await source.newest()).requestState!.open).toEqual([]);
  });
});
