import { type Environment, METRIC_NAMESPACE, parseConfig } from '@totesys/runtime';
import * as z from 'zod';

/** The configuration of the reconcile Lambda. */
export type ReconcileConfig = ReturnType<typeof readConfig>;

/** Reads the configuration from the environment; one error lists every invalid variable. */
export function readConfig(environment: Environment) {
  const shape = {
    INGESTION_URI: z.string(),
    PROCESSED_URI: z.string(),
    CODE_VERSION: z.string().default('unknown'),
    METRIC_NAMESPACE: z.string().default(METRIC_NAMESPACE),
  };
  const config = parseConfig(shape, environment, ['SOURCE_URL', 'WAREHOUSE_URL']);
  return {
    source: config.SOURCE_URL,
    warehouse: config.WAREHOUSE_URL,
    ingestionUri: config.INGESTION_URI,
    processedUri: config.PROCESSED_URI,
    codeVersion: config.CODE_VERSION,
    metricNamespace: config.METRIC_NAMESPACE,
  };
}
