import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findNewestBatch, manifestKey, openStore, type Store } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { totesysModel } from '@totesys/schema';
import { makeHandler } from '@totesys/transform/handler';
import { LakeCopy } from './lake-copy.ts';
import type { Random } from './random.ts';
import type { SimulatedSource } from './scenario.ts';

/** S3 sends at most this many events of a batch, perhaps none, in any order and some at the same time. */
const MOST_COPIES = 3;
const MOST_AT_ONCE = 3;
/** The attempts of an asynchronous invocation. */
const TRIES = 3;
const SCHEDULED = { source: 'aws.events' };

/**
 * Invokes transform with the seed's events, with a scheduled event, and with a late one. Returns how the lake differs
 * from that of events in order.
 */
export async function tryWakeUps(simulated: SimulatedSource, random: Random): Promise<string[]> {
  const folder = join(simulated.folder, 'wake-ups');
  await mkdir(folder, { recursive: true });
  try {
    const expected = simulated.lake.below('processed/');
    new LakeCopy(
      new Map([...simulated.lake.below('ingestion/')].map(([key, body]) => [`ingestion/${key}`, body])),
    ).write(folder);
    const ingestion = openStore(join(folder, 'ingestion'));
    const processed = openStore(join(folder, 'processed'));
    const handler = makeHandler({
      model: totesysModel,
      ingestion,
      processed,
      telemetry: { ...silentTelemetry, begin: () => {}, flush: () => {} },
    });
    const batches = Array.from({ length: await findNewestBatch(ingestion) }, (_, index) => index + 1);
    const events = random.shuffled(batches.flatMap((batch) => Array(random.below(MOST_COPIES + 1)).fill(batch)));
    while (events.length > 0) {
      const together = events.splice(0, 1 + random.below(MOST_AT_ONCE));
      await Promise.all(together.map((batch) => untilDone(() => handler(eventOf(batch)))));
    }
    await handler(SCHEDULED);
    await handler(eventOf(random.oneOf(batches)));
    return await differencesOf(processed, expected);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

// S3 encodes the key.
function eventOf(batch: number): unknown {
  return { Records: [{ s3: { object: { key: encodeURIComponent(manifestKey(batch)) } } }] };
}

async function untilDone(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (attempt === TRIES) throw error;
    }
  }
}

async function differencesOf(processed: Store, expected: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  const differences: string[] = [];
  const keys = new Set<string>();
  for await (const { key } of processed.list('')) {
    keys.add(key);
    const want = expected.get(key);
    if (!want) differences.push(`transform wrote ${key}, which it does not write when its events arrive in order`);
    else if (!Buffer.from(want).equals(await processed.get(key)))
      differences.push(`${key} has other bytes than when its events arrive in order`);
  }
  for (const key of expected.keys()) if (!keys.has(key)) differences.push(`transform did not write ${key}`);
  return differences;
}
