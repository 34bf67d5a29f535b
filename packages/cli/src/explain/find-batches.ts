import { findKeyBounds, findPartPlace, type Store, type StoredObject } from '@totesys/lake';
import { mapAhead } from '../map-ahead.ts';
import type { Subject } from './subject.ts';

/** Footers that are read at the same time. */
const READERS = 16;

/** A part of the table in question, and the column of its keys. */
interface Candidate {
  readonly object: StoredObject;
  readonly column: string;
}

/**
 * The batches with a part that may have something to say of the subject, in their order. Only the folders of its table are listed and only footers
 * read: of a first load of millions of rows, the one part whose keys lie around it is left. Which parts exist, a manifest must say.
 */
export async function findBatches(
  store: Store,
  subject: Subject,
  progress: (objects: number) => void,
): Promise<number[]> {
  const batches = new Set<number>();
  let objects = 0;
  for await (const { object, mayHold } of mapAhead(partsOf(store, subject), READERS, (part) =>
    look(store, part, subject),
  )) {
    progress(++objects);
    if (mayHold) batches.add(findPartPlace(object.key)!.batch);
  }
  return [...batches].sort((a, b) => a - b);
}

async function* partsOf(store: Store, { source }: Subject): AsyncGenerator<Candidate> {
  for (const [folder, column] of [
    [source.name, source.key],
    [`_context/${source.name}`, source.key],
    [`_deleted/${source.name}`, source.key],
    [`_quarantine/${source.name}`, 'key'],
  ] as const) {
    for await (const object of store.list(`${folder}/`)) if (findPartPlace(object.key)) yield { object, column };
  }
}

async function look(store: Store, { object, column }: Candidate, { key }: Subject) {
  try {
    const bounds = await findKeyBounds(store, object, column);
    return { object, mayHold: bounds !== 'none' && (!bounds || (bounds.first <= key && key <= bounds.last)) };
  } catch {
    // A footer that cannot be read may be one of a leftover. Where a manifest names it, reading the part says what is wrong.
    return { object, mayHold: true };
  }
}
