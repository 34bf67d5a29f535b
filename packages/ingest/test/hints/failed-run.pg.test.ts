import { ErrorCode, silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { type HintMode, ingest } from '../../src/ingest.ts';
import { eachHintedIngest } from './hinted-ingest.ts';

const hinted = eachHintedIngest('slot');

// Returns the metrics of a run that fails before it reads the slot.
async function failAtLayout(hints: HintMode): Promise<Record<string, number>> {
  const { source, store } = hinted.ingested;
  const metrics: Record<string, number> = {};
  const run = ingest({
    model: totesysModel,
    source: source.reader,
    ingestion: store,
    telemetry: {
      ...silentTelemetry,
      metric: (name, value) => {
        metrics[name] = value;
      },
    },
    limits: { batchRows: 1_000_000, deadlineMs: Number.MAX_SAFE_INTEGER },
    codeVersion: 'test',
    hints,
  });
  await expect(run).rejects.toMatchObject({ code: ErrorCode.SOURCE_COLUMN_MISSING });
  return metrics;
}

beforeEach(() => hinted.ingested.source.run('alter table currency rename column currency_code to code'));

test.each(['slot', 'shadow'] as const)('a run that fails before it reads the slot reports WAL: %s', async (mode) => {
  expect(await failAtLayout(mode)).toEqual({ RetainedWalBytes: expect.any(Number) });
});

test('a run without hints does not', async () => {
  expect(await failAtLayout('off')).toEqual({});
});

test('a failed run reports nothing without a slot, and fails with its own error', async () => {
  await hinted.ingested.source.sql`select pg_drop_replication_slot('totesys_hints')`;
  expect(await failAtLayout('slot')).toEqual({});
});
