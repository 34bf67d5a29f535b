import { memoryStore, writeManifest } from '@totesys/lake';
import { ingestionManifest } from '../../../lake/test/ingestion-manifest.ts';
import { recordingStore } from '../../../lake/test/recording-store.ts';
import { readIngestState } from '../../../source/src/carried/ingest-state.ts';
import { readFenceAgeSeconds } from '../../src/report/fence-age.ts';

const { source } = ingestionManifest();
const clockAt = (minute: number) => new Date(Date.UTC(2026, 10, 22, 10, minute)).toISOString().slice(0, -1);

/** A lake whose batch N was committed in minute N, each with its fence, and what has been asked of it. */
async function lakeOf(fences: readonly { xmin: number; xmax: number }[], timelines: readonly number[] = []) {
  const store = memoryStore();
  for (const [i, { xmin, xmax }] of fences.entries()) {
    const manifest = ingestionManifest({
      batch: i + 1,
      previous: i === 0 ? null : '0'.repeat(64),
      sourceClock: clockAt(i + 1),
      source: { ...source, timeline: timelines[i] ?? 1 },
      fence: { from: null, to: { xmin: String(xmin), xmax: String(xmax) } },
    });
    await writeManifest(store, manifest);
  }
  const state = await readIngestState(store);
  const requests: string[] = [];
  const ageAt = async (minute: number, xmin: number, xmax: number, timeline = 1) => {
    const fence = { xmin: String(xmin), xmax: String(xmax) };
    return readFenceAgeSeconds(recordingStore(store, requests), state, {
      fence,
      source: { ...source, timeline },
      clock: clockAt(minute),
    });
  };
  return { ageAt, requests };
}

/** `count` batches, of which those from the one numbered `from` on saw transaction 100 open. */
const heldSince = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    i + 1 < from ? { xmin: 50 + i, xmax: 51 + i } : { xmin: 100, xmax: 101 + i },
  );

test.each([1, 2, 3, 7, 8, 9, 31, 40])(
  'dates an open transaction from the first batch that saw it: batch %i',
  async (from) => {
    const lake = await lakeOf(heldSince(from, 40));
    expect(await lake.ageAt(41, 100, 200)).toBe((41 - from) * 60);
    expect(lake.requests.length).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(40)));
  },
);

test.each([
  ['nothing is open', 200, 200],
  ['no batch has seen what is open', 199, 201],
])('is 0 and costs no request where %s', async (_, xmin, xmax) => {
  const lake = await lakeOf(heldSince(2, 5));
  expect(await lake.ageAt(6, xmin, xmax)).toBe(0);
  expect(lake.requests).toEqual([]);
});

test('is 0 before the first batch', async () => {
  const lake = await lakeOf([]);
  expect(await lake.ageAt(1, 100, 200)).toBe(0);
});

test('ends at batches of another history, whose transaction ids mean something else', async () => {
  const lake = await lakeOf(heldSince(1, 6), [1, 1, 1, 2, 2, 2]);
  expect(await lake.ageAt(10, 100, 200, 2)).toBe((10 - 4) * 60);
});
