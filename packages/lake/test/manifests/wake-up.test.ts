import { parseWakeUp } from '../../src/manifests/wake-up.ts';

const s3 = (...keys: string[]) => ({
  Records: keys.map((key) => ({ eventSource: 'aws:s3', s3: { bucket: {}, object: { key } } })),
});

test.each([
  [s3('_manifests/0000000042.json'), { batch: 42, by: 's3' }],
  [s3('_manifests%2F0000000042.json'), { batch: 42, by: 's3' }],
  [s3('_manifests/0000000043.json', '_manifests/0000000042.json'), { batch: 43, by: 's3' }],
  [
    { source: 'aws.events', 'detail-type': 'Scheduled Event' },
    { batch: 'newest', by: 'schedule' },
  ],
  [
    { source: 'aws.events', id: 'e-1' },
    { batch: 'newest', by: 'schedule', eventId: 'e-1' },
  ],
  [{}, { batch: 'newest', by: 'person' }],
])('%j is parsed as %p', (event, wakeUp) => {
  expect(parseWakeUp(event, 'load')).toEqual(wakeUp);
});

test('the event id is that of the request that wrote the manifest', () => {
  const [record] = s3('_manifests/0000000042.json').Records;
  const event = { Records: [{ ...record, responseElements: { 'x-amz-request-id': 'ABC', 'x-amz-id-2': 'x' } }] };
  expect(parseWakeUp(event, 'load')).toEqual({ batch: 42, by: 's3', eventId: 'ABC' });
});

test.each([null, 'x', [], { Records: [] }, { foo: 1 }, s3('sales_order/part.parquet'), s3('_manifests/%.json')])(
  '%j is refused',
  (event) => {
    const refusal = {
      code: 'EVENT_UNREADABLE',
      message: expect.stringMatching(/^The stage load was invoked with an /),
    };
    expect(() => parseWakeUp(event, 'load')).toThrow(expect.objectContaining(refusal));
  },
);
