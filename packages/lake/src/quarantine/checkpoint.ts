import * as z from 'zod';
import { CHECKPOINT_PREFIX, checkpointKey } from '../key-layout.ts';
import { KeySet } from '../keys/key-set.ts';
import type { Store } from '../stores/store.ts';
import { OpenKeys } from './open-keys.ts';

const key = z.number().int();
const checkpoint = z.object({
  kind: z.literal('quarantine'),
  batch: key.positive(),
  /** The SHA-256 of the ingestion manifest of that batch: a checkpoint of another lake is ignored. */
  ingestion: z.string(),
  open: z.array(z.object({ table: z.string(), batch: key, keys: z.array(z.tuple([key, key])) })),
});

/** The rows in quarantine as of a batch. */
export interface QuarantineCheckpoint {
  readonly batch: number;
  readonly ingestion: string;
  readonly open: OpenKeys;
}

/** Reads the newest checkpoint; undefined if there is none or it cannot be parsed. */
export async function findCheckpoint(processed: Store): Promise<QuarantineCheckpoint | undefined> {
  let newest: string | undefined;
  for await (const object of processed.list(CHECKPOINT_PREFIX)) newest = object.key;
  const body = newest === undefined ? undefined : await processed.find(newest);
  if (!body) return undefined;
  try {
    const { batch, ingestion, open } = checkpoint.parse(JSON.parse(Buffer.from(body).toString('utf8')));
    const keys = new OpenKeys();
    for (const each of open) keys.open(each.table, each.batch, KeySet.of(each.keys));
    return { batch, ingestion, open: keys };
  } catch {
    return undefined;
  }
}

/** Writes the checkpoint of a batch; the same batch makes the same bytes. */
export async function writeCheckpoint(
  processed: Store,
  { batch, ingestion, open }: QuarantineCheckpoint,
): Promise<void> {
  const entries = [...open.entries()].map(([table, of, keys]) => ({ table, batch: of, keys: [...keys.ranges()] }));
  const body = checkpoint.parse({ kind: 'quarantine', batch, ingestion, open: entries });
  await processed.putIfAbsent(checkpointKey(batch), Buffer.from(`${JSON.stringify(body)}\n`));
}
