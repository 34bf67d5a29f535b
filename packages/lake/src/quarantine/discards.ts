import * as z from 'zod';
import { DISCARDED_PREFIX, discardedKey } from '../key-layout.ts';
import { KeySet, KeySetBuilder } from '../keys/key-set.ts';
import { sha256Of } from '../parts/part.ts';
import type { Store } from '../stores/store.ts';

const key = z.number().int();

/** The operator does not want rows of a source table that batches up to `through` put into quarantine. */
const discard = z.object({
  kind: z.literal('discard'),
  table: z.string(),
  through: z.number().int().positive(),
  keys: z.array(z.tuple([key, key])),
});

/** @see discard */
export type Discard = Omit<z.infer<typeof discard>, 'kind' | 'keys'> & { readonly keys: KeySet };

/** Records a discard in the processed lake and returns the key of its object; the same discard twice is one object. */
export async function writeDiscard(processed: Store, { table, through, keys }: Discard): Promise<string> {
  const content = discard.parse({ kind: 'discard', table, through, keys: [...keys.ranges()] });
  const body = Buffer.from(`${JSON.stringify(content)}\n`);
  const object = discardedKey(sha256Of(body));
  await processed.putIfAbsent(object, body);
  return object;
}

/** Reads all discards. An object that cannot be parsed discards nothing. */
export async function readDiscards(processed: Store): Promise<Discard[]> {
  const discards: Discard[] = [];
  for await (const object of processed.list(DISCARDED_PREFIX)) {
    const body = await processed.find(object.key);
    const found = body && parse(body);
    if (found) discards.push({ ...found, keys: KeySet.of(found.keys) });
  }
  return discards;
}

/** Returns the keys of a table's rows in quarantine of one batch that the operator has discarded. */
export function discardedIn(discards: readonly Discard[], table: string, batch: number): KeySet {
  const builder = new KeySetBuilder();
  for (const { table: of, through, keys } of discards) {
    if (of !== table || through < batch) continue;
    for (const [first, last] of keys.ranges()) builder.addRange(first, last);
  }
  return builder.build();
}

function parse(body: Uint8Array): z.infer<typeof discard> | undefined {
  try {
    return discard.safeParse(JSON.parse(Buffer.from(body).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
