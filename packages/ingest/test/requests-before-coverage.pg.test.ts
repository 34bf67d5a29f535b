import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let source: IngestedSource;

beforeEach(async () => {
  source = await createIngestedSource();
});

afterEach(() => source.close());

const serials = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('a request for keys that are not covered yet', () => {
  test('waits for coverage, which carries them once, and names what is not there', async () => {
    await source.ask('sales_order', [40, 45], [300, 301]);
    await source.runAll({ batchRows: 20 });
    expect(await source.carried('sales_order')).toEqual(serials(1, 100));
    expect(await source.carried('sales_order', 'deleted')).toEqual([300, 301]);
    expect((await source.newest()).requestState).toEqual({ through: 1, named: [], open: [] });
  });

  test('is read as far as coverage has come', async () => {
    do await source.run({ batchRows: 20 });
    while (typeof (await source.newest()).tables.sales_order!.coverage !== 'object');
    const before = await source.newest();
    await source.ask('sales_order', [1, 2], [99, 99]);
    await source.runAll({ batchRows: 20 });
    expect(await source.carried('sales_order', 'changed', before.batch + 1)).toEqual(expect.arrayContaining([1, 2]));
    const all = await source.carried('sales_order');
    expect(all.filter((key) => key === 99)).toEqual([99]);
    expect((await source.newest()).requestState!.open).toEqual([]);
  });
});
