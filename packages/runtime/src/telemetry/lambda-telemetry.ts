import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import { describeError, withoutUrlsIn } from './describe-error.ts';
import { METRIC_NAMESPACE, metricUnit, type Stage } from './metrics.ts';
import type { LogFields, StageTelemetry } from './telemetry.ts';

/** Telemetry that is kept across the invocations of a warm Lambda. */
export interface LambdaTelemetry<S extends Stage> extends StageTelemetry<S> {
  /** Begins an invocation: drops the fields of the previous one. */
  begin(fields: LogFields): void;
  /** Publishes the metrics so far, if there are any. */
  flush(): void;
}

/** Options of a Lambda's telemetry. */
export interface LambdaTelemetryOptions<S extends Stage> {
  readonly stage: S;
  readonly version?: string;
  readonly namespace?: string;
}

/**
 * Telemetry of a Lambda: JSON log lines, each with the stage, and metrics in embedded metric format on the same stdout.
 */
export function lambdaTelemetry<S extends Stage>(options: LambdaTelemetryOptions<S>): LambdaTelemetry<S> {
  const { stage, version, namespace = METRIC_NAMESPACE } = options;
  const persistentKeys = version === undefined ? { stage } : { stage, version };
  const logger = new Logger({ serviceName: stage, persistentKeys });
  const metrics = new Metrics({ namespace, serviceName: stage, logger });
  const safe = (fields: LogFields = {}) => withoutUrlsIn(fields) as Record<string, unknown>;
  return {
    info: (event, fields) => logger.info(event, safe(fields)),
    warn: (event, fields) => logger.warn(event, safe(fields)),
    error: (event, error, fields) => logger.error(event, { ...safe(fields), error: describeError(error) }),
    about: (fields) => logger.appendKeys(safe(fields)),
    metric: (name, value) => metrics.addMetric(name, metricUnit(stage, name), value),
    // Progress is for a terminal; a log has the total.
    progress: () => {},
    begin: (fields) => {
      logger.resetKeys();
      logger.appendKeys(safe(fields));
    },
    flush: () => {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    },
  };
}
