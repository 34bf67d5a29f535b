import * as z from 'zod';
import { DISCARDED_PREFIX, discardedKey } from '../key-layout.ts';
import { KeySet, KeySetBuilder } from '../keys/key-set.ts';
import { sha256Of } from '../parts/part.ts';
import type { Store } from '../stores/store.ts';

const key = z.number().int();

/** A person says that rows of a source table are not wanted, as far as batches up to `through` put them into quarantine. */
const discard = z.object({
  kind: z.literal('discard'),
  table: z.string(),
  through: z.number().int().positive(),
  keys: z.array(z.tuple([key, key])),
});

/** @see discard */
export type Discard = Omit<z.infer<typeof discard>, 'kind' | 'keys'> & { readonly keys: KeySet };

/** Records in the processed lake that rows are not wanted; saying it twice is one object, whose key this gives. */
export async function writeDiscard(processed: Store, { table, through, keys }: Discard): Promise<string> {
  const said = discard.parse({ kind: 'discard', table, through, keys: [...keys.ranges()] });
  const body = Buffer.from(`${JSON.stringify(said)}\n`);
  const object = discardedKey(sha256Of(body));
  await processed.putIfAbsent(object, body);
  return object;
}

/** Reads what persons have discarded. What cannot be understood discards nothing. */
export async function readDiscards(processed: Store): Promise<Discard[]> {
  const discards: Discard[] = [];
  for await (const object of processed.list(DISCARDED_PREFIX)) {
    const body = await processed.find(object.key);
    const said = body && parse(body);
    if (said) discards.push({ ...said, keys: KeySet.of(said.keys) });
  }
  return discards;
}

/** The keys of a table's rows that are discarded as a batch put them into quarantine. */
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
