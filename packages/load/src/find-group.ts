import {
  findProcessedManifest,
  type KeySet,
  KeySetBuilder,
  type ObjectPart,
  type ProcessedManifest,
  type ReadManifest,
  readPart,
  type Store,
} from '@totesys/lake';
import { factsOf, type Model } from '@totesys/schema';
import { beyondThreshold, findBeyondThreshold, isBeyondThreshold, type LeftOut } from './quarantine-threshold.ts';

type Waiting = ReadManifest<ProcessedManifest>;

/** Rows that a batch leaves out, with the keys that no batch behind it has brought right so far, and how many one has. */
interface Missing extends LeftOut {
  keys: KeySet;
  mended: number;
}

/**
 * The batches that load together, in one transaction: the one that waits, or, where it leaves out too many rows, all up to the one by which later
 * batches have brought them right or named them deleted, so that the warehouse goes from one whole state to the next. Where there is none
 * such, up to `until`, QUARANTINE_THRESHOLD is thrown: the batch waits for the source to be mended or for a person to accept it.
 */
export async function findGroup(
  { model, processed, until = Number.POSITIVE_INFINITY }: { model: Model; processed: Store; until?: number },
  first: Waiting,
): Promise<Waiting[]> {
  const group: Waiting[] = [];
  const missing: Missing[] = [];
  let next: Waiting | undefined = first;
  while (next) {
    const { manifest }: Waiting = next;
    await settle(model, processed, manifest, missing);
    for (const leftOut of await findBeyondThreshold(processed, manifest)) {
      missing.push({ ...leftOut, mended: 0, keys: await readLeftOut(processed, manifest, leftOut.table) });
    }
    group.push(next);
    if (!missing.some(isStillBeyond)) return group;
    next = manifest.batch < until ? await findProcessedManifest(processed, manifest.batch + 1) : undefined;
  }
  const worst = missing.find(isStillBeyond)!;
  throw beyondThreshold(worst, leftOf(worst));
}

function isStillBeyond(missing: Missing): boolean {
  return isBeyondThreshold({ rows: missing.rows, quarantined: leftOf(missing) });
}

// Of a manifest of the first versions, which does not say which rows it leaves out, none is ever mended: a person must decide.
function leftOf({ quarantined, mended }: Missing): number {
  return quarantined - mended;
}

// Takes the rows off that a batch brings right, or names as deleted.
async function settle(model: Model, store: Store, manifest: ProcessedManifest, missing: Missing[]): Promise<void> {
  for (const table of new Set(missing.map((each) => each.table))) {
    const sought = missing.filter((each) => each.table === table);
    const parts = manifest.parts.filter((part) =>
      factsOf(model).some(({ name, source }) => source === table && name === part.table),
    );
    if (parts.length === 0) continue;
    const settled = await readKeysAmong(store, parts, sought);
    const rest = settled.minus(await readLeftOut(store, manifest, table));
    for (const each of sought) {
      const left = each.keys.minus(rest);
      each.mended += each.keys.count - left.count;
      each.keys = left;
    }
  }
}

async function readKeysAmong(store: Store, parts: readonly ObjectPart[], sought: readonly Missing[]): Promise<KeySet> {
  const builder = new KeySetBuilder();
  for (const part of parts) {
    for await (const rows of readPart(store, part)) {
      const keys = rows.data.children[0]!;
      for (let row = 0; row < keys.length; row++) {
        const key = Number(keys.values[row]);
        if (sought.some((each) => each.keys.has(key))) builder.add(key);
      }
    }
  }
  return builder.build();
}

async function readLeftOut(store: Store, manifest: ProcessedManifest, table: string): Promise<KeySet> {
  const builder = new KeySetBuilder();
  for (const part of manifest.leftOut?.filter((each) => each.table === table) ?? []) {
    for await (const ranges of readPart(store, part)) {
      const [first, last] = ranges.data.children;
      for (let row = 0; row < ranges.numRows; row++)
        builder.addRange(Number(first!.values[row]), Number(last!.values[row]));
    }
  }
  return builder.build();
}
