import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describeError, withoutUrlsIn } from './describe-error.ts';
import type { Telemetry } from './telemetry.ts';

/** The CloudWatch namespace of all our metrics; the dimension `service` is the stage. */
export const METRIC_NAMESPACE = 'Totesys';

/** Telemetry that holds its metrics until they are flushed. */
export interface FlushedTelemetry extends Telemetry {
  /** Publishes the metrics so far; where there are none, nothing. */
  flush(): void;
}

/** Telemetry of a Lambda: JSON log lines, and metrics in embedded metric format on the same stdout. */
export function lambdaTelemetry(options: { stage: string; version?: string }): FlushedTelemetry {
  const logger = new Logger({
    serviceName: options.stage,
    ...(options.version === undefined ? {} : { persistentKeys: { version: options.version } }),
  });
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE, serviceName: options.stage, logger });
  const safe = (fields: Readonly<Record<string, unknown>> = {}) => withoutUrlsIn(fields) as Record<string, unknown>;
  return {
    info: (event, fields) => logger.info(event, safe(fields)),
    warn: (event, fields) => logger.warn(event, safe(fields)),
    error: (event, error, fields) => logger.error(event, { ...safe(fields), error: describeError(error) }),
    metric: (name, value, unit) => metrics.addMetric(name, unit, value),
    // Progress is for someone who looks on; a log has the sum.
    progress: () => {},
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
