import { ErrorCode, PipelineError } from '@totesys/runtime';
import { PROOF_PREFIX, proofKey, proofPrefix } from '../key-layout.ts';
import type { Store, StoredObject } from '../stores/store.ts';
import { type Proof, proof } from './proof.ts';

/** Batches before the newest one whose proofs are listed first; further back only if there are none. */
const NEAR_BATCHES = [1_000, 100_000];

/** A proof and the key of its object. */
export interface StoredProof {
  readonly key: string;
  readonly proof: Proof;
}

/** Writes the object of a proof and returns its key. */
export async function writeProof(processed: Store, content: Proof): Promise<string> {
  const key = proofKey(content.batch, content.clock);
  const body = Buffer.from(`${JSON.stringify(proof.parse(content), null, 2)}\n`);
  if ((await processed.putIfAbsent(key, body)) !== 'conflict') return key;
  throw new PipelineError(
    ErrorCode.OBJECT_CONFLICT,
    `Proof '${key}' in ${processed.uri} exists with other content: expected no proof at the same microsecond. ` +
      'Nothing was written; the next proof does its work.',
    { context: { key, store: processed.uri } },
  );
}

/**
 * Returns the proof that was written last by the store's clock; undefined if there is none. `newest` is about the
 * newest batch of the lake. An object that cannot be parsed is passed over.
 */
export async function findLastProof(processed: Store, newest: number): Promise<StoredProof | undefined> {
  return (await findLastProofs(processed, newest, 1))[0];
}

/** Returns at most `most` proofs that were written last, the newest first; otherwise as `findLastProof`. */
export async function findLastProofs(processed: Store, newest: number, most: number): Promise<StoredProof[]> {
  for (const near of [...NEAR_BATCHES, Number.POSITIVE_INFINITY]) {
    const after = newest > near ? { after: proofPrefix(newest - near) } : {};
    const found = await findLastListed(processed, after, most);
    if (found.length > 0 || newest <= near) return found;
  }
  return [];
}

async function findLastListed(
  processed: Store,
  after: { readonly after?: string },
  most: number,
): Promise<StoredProof[]> {
  const objects: StoredObject[] = [];
  for await (const object of processed.list(PROOF_PREFIX, after)) objects.push(object);
  objects.sort((a, b) => b.writtenMs - a.writtenMs || (a.key < b.key ? 1 : -1));
  const found: StoredProof[] = [];
  for (const { key } of objects) {
    if (found.length === most) break;
    const body = await processed.find(key);
    const content = body && parse(body);
    if (content) found.push({ key, proof: content });
  }
  return found;
}

function parse(body: Uint8Array): Proof | undefined {
  try {
    return proof.safeParse(JSON.parse(Buffer.from(body).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
