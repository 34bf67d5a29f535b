import { openStore } from '@totesys/lake';
import { lambdaTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { TransformConfig } from './config.ts';

/** The clients of the handler; a warm Lambda keeps them. */
export type LambdaDeps = ReturnType<typeof makeDeps>;

/** Constructs the clients; nothing is read yet. */
export function makeDeps(config: TransformConfig) {
  return {
    model: totesysModel,
    ingestion: openStore(config.ingestionUri),
    processed: openStore(config.processedUri),
    telemetry: lambdaTelemetry({ stage: 'transform', version: config.codeVersion, namespace: config.metricNamespace }),
  };
}
