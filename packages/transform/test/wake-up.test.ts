import { parseWakeUp } from '../src/wake-up.ts';

const s3 = (...keys: string[]) => ({
  Records: keys.map((key) => ({ eventSource: 'aws:s3', s3: { bucket: {}, object: { key } } })),
});

test.each([
  [s3('_manifests/0000000042.json'), 42],
  [s3('_manifests%2F0000000042.json'), 42],
  [s3('_manifests/0000000042.json', '_manifests/0000000043.json'), 43],
  [{ source: 'aws.events', 'detail-type': 'Scheduled Event' }, 'newest'],
  [{}, 'newest'],
])('%j wakes it for %p', (event, batch) => {
  expect(parseWakeUp(event)).toBe(batch);
});

test.each([null, 'x', [], { Records: [] }, { foo: 1 }, s3('sales_order/part.parquet'), s3('_manifests/%.json')])(
  '%j is refused',
  (event) => {
    expect(() => parseWakeUp(event)).toThrow(expect.objectContaining({ code: 'EVENT_UNREADABLE' }));
  },
);
