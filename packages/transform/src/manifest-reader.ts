import {
  batchMissing,
  type ChainHead,
  checkFollower,
  checkSequence,
  findIngestionManifest,
  type IngestionManifest,
  type ReadManifest,
  type Store,
} from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/** Reads the manifests of an ingestion lake in order, and checks that they form a chain. */
export class ManifestReader {
  readonly #ingestion: Store;
  #head: Pick<ChainHead, 'sha256'>;
  #next: ReadManifest<IngestionManifest> | undefined;

  /** `head` is the batch before the first one to read. */
  constructor(ingestion: Store, head: ChainHead) {
    this.#ingestion = ingestion;
    this.#head = head;
  }

  /**
   * Reads the manifest of the next batch. Throws unless it follows the batch before it, and the batch after it follows
   * it.
   */
  async read(batch: number, last: number): Promise<ReadManifest<IngestionManifest>> {
    const found = this.#next ?? (await findIngestionManifest(this.#ingestion, batch));
    if (!found) throw batchMissing(this.#ingestion, batch, last);
    checkSequence(this.#ingestion, this.#head, found.manifest);
    this.#next = await findReadable(this.#ingestion, batch + 1);
    checkFollower(this.#ingestion, found, this.#next);
    this.#head = found;
    return found;
  }
}

// A manifest that cannot be read must not stop the batch before it: the run fails when it comes to that manifest.
async function findReadable(store: Store, batch: number): Promise<ReadManifest<IngestionManifest> | undefined> {
  try {
    return await findIngestionManifest(store, batch);
  } catch (error) {
    if (error instanceof PipelineError && error.code === ErrorCode.MANIFEST_UNREADABLE) return undefined;
    throw error;
  }
}
