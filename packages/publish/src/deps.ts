import { folderCatalogue } from '@totesys/iceberg';
import { openStore } from '@totesys/lake';
import { openDerived } from '@totesys/lake/derived';
import { lambdaTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { PublishConfig } from './config.ts';

/** The clients of the handler; a warm Lambda keeps them. */
export type LambdaDeps = ReturnType<typeof makeDeps>;

/** Constructs the clients; nothing is read yet. */
export function makeDeps(config: PublishConfig) {
  const place = openDerived(config.icebergUri);
  return {
    model: totesysModel,
    processed: openStore(config.processedUri),
    place,
    catalogue: folderCatalogue(place),
    telemetry: lambdaTelemetry({ stage: 'publish', version: config.codeVersion, namespace: config.metricNamespace }),
  };
}
