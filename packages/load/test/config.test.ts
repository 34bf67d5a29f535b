import { readConfig } from '../src/config.ts';

test('reports every missing variable, also that of the ingestion lake, from which freshness is computed', () => {
  expect(() => readConfig({})).toThrow(/WAREHOUSE_URL is not set.*INGESTION_URI is not set.*PROCESSED_URI is not set/);
});

test('emits its metrics into the configured namespace', () => {
  const environment = { WAREHOUSE_URL_PARAMETER: '/w', INGESTION_URI: 's3://a', PROCESSED_URI: 's3://b' };
  expect(readConfig(environment).metricNamespace).toBe('Totesys');
  expect(readConfig({ ...environment, METRIC_NAMESPACE: 'Totesys/dev' }).metricNamespace).toBe('Totesys/dev');
});
