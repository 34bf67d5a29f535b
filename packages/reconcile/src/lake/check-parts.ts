import { checkPart, type ObjectPart, type Store } from '@totesys/lake';
import { ErrorCode, PipelineError } from '@totesys/runtime';

/** The most bytes of parts in memory at once. */
const MOST_BYTES = 32 * 1024 * 1024;
/** The most parts that are checked at once. */
const MOST_PARTS = 8;
/** Errors that are faults of a part. Any other error is one of the store and ends the check. */
const PART_FAULTS: readonly ErrorCode[] = [ErrorCode.OBJECT_MISSING, ErrorCode.OBJECT_CORRUPT];

/** Checks parts in parallel, within a limit of memory. */
export class PartChecker {
  parts = 0;
  bytes = 0;
  #inFlight = 0;
  #failure: { readonly error: unknown } | undefined;
  readonly #running = new Set<Promise<void>>();

  /** Begins to check a part as soon as there is room, and passes its fault, if it has one, to `onFault`. */
  async add(store: Store, part: ObjectPart, onFault: (fault: string) => void): Promise<void> {
    while (this.#running.size > 0 && !this.hasRoom(part)) await Promise.race(this.#running);
    this.throwFailure();
    this.#inFlight += part.bytes;
    const running: Promise<void> = this.check(store, part, onFault).finally(() => {
      this.#inFlight -= part.bytes;
      this.#running.delete(running);
    });
    this.#running.add(running);
    this.parts++;
    this.bytes += part.bytes;
  }

  /** Waits until all parts are checked. */
  async end(): Promise<void> {
    await Promise.all(this.#running);
    this.throwFailure();
  }

  private async check(store: Store, part: ObjectPart, onFault: (fault: string) => void): Promise<void> {
    try {
      await checkPart(store, part);
    } catch (error) {
      if (error instanceof PipelineError && PART_FAULTS.includes(error.code)) onFault(error.message);
      else this.#failure ??= { error };
    }
  }

  private hasRoom(part: ObjectPart): boolean {
    return this.#running.size < MOST_PARTS && this.#inFlight + part.bytes <= MOST_BYTES;
  }

  private throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
