import { type Environment, METRIC_NAMESPACE, parseConfig } from '@totesys/runtime';
import * as z from 'zod';
import { PROOF_LIMITS, PROOF_REQUESTS, PROOF_SLICES } from './proof/prove.ts';

/** The configuration of the reconcile Lambda. */
export type ReconcileConfig = ReturnType<typeof readConfig>;

/** Reads the configuration from the environment; one error lists every invalid variable. */
export function readConfig(environment: Environment) {
  const shape = {
    INGESTION_URI: z.string(),
    PROCESSED_URI: z.string(),
    PROOF_SLICES: countUpTo(PROOF_LIMITS.slices).default(PROOF_SLICES),
    PROOF_REQUESTS: countUpTo(PROOF_LIMITS.requests).default(PROOF_REQUESTS),
    CODE_VERSION: z.string().default('unknown'),
    METRIC_NAMESPACE: z.string().default(METRIC_NAMESPACE),
  };
  const config = parseConfig(shape, environment, ['SOURCE_URL', 'WAREHOUSE_URL']);
  return {
    source: config.SOURCE_URL,
    warehouse: config.WAREHOUSE_URL,
    ingestionUri: config.INGESTION_URI,
    processedUri: config.PROCESSED_URI,
    slices: config.PROOF_SLICES,
    requests: config.PROOF_REQUESTS,
    codeVersion: config.CODE_VERSION,
    metricNamespace: config.METRIC_NAMESPACE,
  };
}

function countUpTo(most: number) {
  return z.coerce.number().int().min(1).max(most);
}
