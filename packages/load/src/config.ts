import { type Environment, METRIC_NAMESPACE, parseConfig } from '@totesys/runtime';
import * as z from 'zod';

/** The configuration of the load Lambda. */
export type LoadConfig = ReturnType<typeof readConfig>;

/** Reads the configuration from the environment; one error lists every invalid variable. */
export function readConfig(environment: Environment) {
  const shape = {
    INGESTION_URI: z.string(),
    PROCESSED_URI: z.string(),
    CODE_VERSION: z.string().default('unknown'),
    METRIC_NAMESPACE: z.string().default(METRIC_NAMESPACE),
  };
  const config = parseConfig(shape, environment, ['WAREHOUSE_URL']);
  return {
    warehouse: config.WAREHOUSE_URL,
    ingestionUri: config.INGESTION_URI,
    processedUri: config.PROCESSED_URI,
    codeVersion: config.CODE_VERSION,
    metricNamespace: config.METRIC_NAMESPACE,
  };
}
