import { type Environment, METRIC_NAMESPACE, parseConfig } from '@totesys/runtime';
import * as z from 'zod';
import { HINT_AUDIT_RULE, HINT_MODES } from './hints/hint-mode.ts';

/**
 * The default number of rows in a batch. Its load, about 200,000 rows/s into an empty fact, must end within a Lambda's
 * 15 minutes.
 */
const BATCH_ROWS = 20_000_000;

/** The configuration of the ingest Lambda. */
export type IngestConfig = ReturnType<typeof readConfig>;

/** Reads the configuration from the environment; one error lists every invalid variable. */
export function readConfig(environment: Environment) {
  const shape = {
    INGESTION_URI: z.string(),
    BATCH_ROWS: z.coerce.number().int().positive().default(BATCH_ROWS),
    HINTS: z.enum(HINT_MODES).default('off'),
    HINT_AUDIT_MINUTES: HINT_AUDIT_RULE,
    CODE_VERSION: z.string().default('unknown'),
    METRIC_NAMESPACE: z.string().default(METRIC_NAMESPACE),
  };
  const config = parseConfig(shape, environment, ['SOURCE_URL']);
  return {
    source: config.SOURCE_URL,
    ingestionUri: config.INGESTION_URI,
    batchRows: config.BATCH_ROWS,
    hints: config.HINTS,
    hintAuditMs: 60_000 * config.HINT_AUDIT_MINUTES,
    codeVersion: config.CODE_VERSION,
    metricNamespace: config.METRIC_NAMESPACE,
  };
}
