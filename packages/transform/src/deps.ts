import { openStore } from '@totesys/lake';
import { lambdaTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { TransformConfig } from './config.ts';

/** What the handler works with, made once for each warm Lambda. */
export type LambdaDeps = ReturnType<typeof makeDeps>;

/** Opens the stores; nothing is read yet. */
export function makeDeps(config: TransformConfig) {
  return {
    model: totesysModel,
    ingestion: openStore(config.ingestionUri),
    processed: openStore(config.processedUri),
    telemetry: lambdaTelemetry({ stage: 'transform', version: config.codeVersion, namespace: config.metricNamespace }),
  };
}
