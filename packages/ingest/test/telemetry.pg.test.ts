import { writeRequest } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
});

afterEach(async () => {
  await totesys.close();
});

/** Runs ingest; returns the metrics and the log line of a written manifest. */
async function runAndListen() {
  const metrics: Record<string, number> = {};
  const lines: unknown[] = [];
  await totesys.run({
    telemetry: {
      ...silentTelemetry,
      info: (event, fields) => void lines.push({ event, ...fields }),
      metric: (name, value) => {
        metrics[name] = value;
      },
    },
  });
  return { metrics, lines };
}

describe('metrics and logs', () => {
  test('is the rows of each table beside the key of the manifest', async () => {
    const { metrics, lines } = await runAndListen();
    expect(metrics).toEqual({ RunsSucceeded: 1, RowsRead: 169, RowsQuarantined: 0, FenceAgeSeconds: 0 });
    expect(lines).toEqual([
      expect.objectContaining({
        event: 'manifest:written',
        manifest: '_manifests/0000000001.json',
        rowsByTable: expect.objectContaining({ sales_order: 100, staff: 8, department: 4 }),
      }),
    ]);
  });

  test('is how many rows of a table it has read so far, through all of its parts', async () => {
    await totesys.run();
    await totesys.orders(101, 103);
    await writeRequest(totesys.store, {
      kind: 'read',
      reason: 'repair',
      tables: [{ table: 'sales_order', keys: [[1, 2]] }],
    });
    const shown: unknown[] = [];
    const progress = (table: string, rows: number) => void shown.push([table, rows]);
    await totesys.run({ telemetry: { ...silentTelemetry, progress } });
    expect(shown).toEqual([
      ['sales_order', 3],
      ['sales_order', 5],
    ]);
  });

  // Another test's transaction on the same server may be open meanwhile, so that only an age of our own is sure.
  test('is a success where nothing changed', async () => {
    await totesys.run();
    const metrics = { RunsSucceeded: 1, FenceAgeSeconds: expect.any(Number) };
    expect(await runAndListen()).toEqual({ metrics, lines: [] });
  });

  test('is how long a transaction that writes has been left open, from the first batch that saw it', async () => {
    await totesys.run();
    const abandoned = await totesys.database.sql.reserve();
    await abandoned`begin`;
    await abandoned`update design set file_name = 'c' where design_id = 1`;
    await totesys.orders(101, 101);
    await runAndListen();
    expect((await runAndListen()).metrics.FenceAgeSeconds).toBeGreaterThan(0);
    await abandoned`rollback`;
    abandoned.release();
  });
});
