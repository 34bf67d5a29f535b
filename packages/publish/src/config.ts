import { type Environment, METRIC_NAMESPACE, parseConfig } from '@totesys/runtime';
import * as z from 'zod';

/** The configuration of the publish Lambda. */
export type PublishConfig = ReturnType<typeof readConfig>;

/** Reads the configuration from the environment; one error lists every invalid variable. */
export function readConfig(environment: Environment) {
  const shape = {
    PROCESSED_URI: z.string(),
    ICEBERG_URI: z.string(),
    CODE_VERSION: z.string().default('unknown'),
    METRIC_NAMESPACE: z.string().default(METRIC_NAMESPACE),
  };
  const config = parseConfig(shape, environment);
  return {
    processedUri: config.PROCESSED_URI,
    icebergUri: config.ICEBERG_URI,
    codeVersion: config.CODE_VERSION,
    metricNamespace: config.METRIC_NAMESPACE,
  };
}
