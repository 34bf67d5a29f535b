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
  for (const near of [...NEAR_BATCHES, Number.POSITIVE_INFINITY]) {
    const after = newest > near ? { after: proofPrefix(newest - near) } : {};
    const found = await findLastListed(processed, after);
    if (found || newest <= near) return found;
  }
  return undefined;
}

async function findLastListed(processed: Store, after: { readonly after?: string }): Promise<StoredProof | undefined> {
  const objects: StoredObject[] = [];
  for await (const object of processed.list(PROOF_PREFIX, after)) objects.push(object);
  objects.sort((a, b) => b.writtenMs - a.writtenMs || (a.key < b.key ? 1 : -1));
  for (const { key } of objects) {
    const body = await processed.find(key);
    const found = body && parse(body);
    if (found) return { key, proof: found };
  }
  return undefined;
}

function parse(body: Uint8Array): Proof | undefined {
  try {
    return proof.safeParse(JSON.parse(Buffer.from(body).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}
