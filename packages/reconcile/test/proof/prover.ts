import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import type { Pipeline } from '../../../system-tests/test/pipeline.ts';
import { type ProofOptions, type ProofResult, prove } from '../../src/proof/prove.ts';

/** Proves a pipeline over connections of its own: one to each database. */
export interface Prover {
  prove(options?: Partial<ProofOptions>, interrupted?: AbortSignal): Promise<ProofResult>;
  close(): Promise<void>;
}

/** Opens a prover; the caller closes it. */
export async function openProver(pipeline: Pipeline): Promise<Prover> {
  const { ingestion, processed } = pipeline;
  const pool = { connections: 1, applicationName: 'proof-test' };
  const source: Sql = await connect(pipeline.source.url, { ...pool, subject: 'source' });
  const warehouse: Sql = await connect(pipeline.warehouse.url, { ...pool, subject: 'warehouse' });
  const shared = { model: totesysModel, source, warehouse, ingestion, processed, codeVersion: 'test' };
  return {
    prove: (options, interrupted = new AbortController().signal) =>
      prove({ ...shared, telemetry: silentTelemetry, interrupted }, { slices: 24, requests: 1_000, ...options }),
    close: async () => {
      await Promise.all([source.end(), warehouse.end()]);
    },
  };
}
