import { type Environment, METRIC_NAMESPACE, parseConfig } from '@totesys/runtime';
import * as z from 'zod';

/** What the load Lambda is told by its environment. */
export type LoadConfig = ReturnType<typeof readConfig>;

/** Reads the configuration; everything that is wrong with it is said at once. */
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
