import { readConfig } from '../src/config.ts';

const ENVIRONMENT = {
  SOURCE_URL_PARAMETER: '/source',
  WAREHOUSE_URL_PARAMETER: '/warehouse',
  INGESTION_URI: 's3://ingestion',
  PROCESSED_URI: 's3://processed',
};

test('names every place that is missing', () => {
  expect(() => readConfig({})).toThrow(
    /SOURCE_URL is not set.*WAREHOUSE_URL is not set.*INGESTION_URI is not set.*PROCESSED_URI is not set/,
  );
});

test('emits its metrics in the configured namespace', () => {
  expect(readConfig(ENVIRONMENT).metricNamespace).toBe('Totesys');
  expect(readConfig({ ...ENVIRONMENT, METRIC_NAMESPACE: 'Totesys/dev' }).metricNamespace).toBe('Totesys/dev');
});

test('makes the handler from the environment, and opens nothing at import', async () => {
  const before = { ...process.env };
  try {
    Object.assign(process.env, ENVIRONMENT);
    const { handler } = await import('../src/index.ts');
    expect(handler).toEqual(expect.any(Function));
  } finally {
    process.env = before;
  }
});

test('a cycle has 24 slices by default, and a number of slices or requests must be whole and above 0', () => {
  expect(readConfig(ENVIRONMENT)).toMatchObject({ slices: 24, requests: 1_000 });
  expect(readConfig({ ...ENVIRONMENT, PROOF_SLICES: '48', PROOF_REQUESTS: '5' })).toMatchObject({
    slices: 48,
    requests: 5,
  });
  expect(() => readConfig({ ...ENVIRONMENT, PROOF_SLICES: '0', PROOF_REQUESTS: '1.5' })).toThrow(
    /PROOF_SLICES.*PROOF_REQUESTS/s,
  );
});
