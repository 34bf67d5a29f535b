import { readConfig } from '../src/config.ts';

test('names every place that load needs, the one whose manifests tell how fresh the warehouse is among them', () => {
  expect(() => readConfig({})).toThrow(/WAREHOUSE_URL is not set.*INGESTION_URI is not set.*PROCESSED_URI is not set/);
});

test('emits its metrics where it is told to', () => {
  const environment = { WAREHOUSE_URL_PARAMETER: '/w', INGESTION_URI: 's3://a', PROCESSED_URI: 's3://b' };
  expect(readConfig(environment).metricNamespace).toBe('Totesys');
  expect(readConfig({ ...environment, METRIC_NAMESPACE: 'Totesys/dev' }).metricNamespace).toBe('Totesys/dev');
});
