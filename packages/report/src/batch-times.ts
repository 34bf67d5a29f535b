/** The times and the rows of one batch. Each time is in milliseconds since 1970; null if the batch is not there yet. */
export interface BatchTimes {
  readonly batch: number;
  /** When the batch was read, by the source's clock. */
  readonly readMs: number;
  readonly ingestedMs: number | null;
  readonly transformedMs: number | null;
  readonly loadedMs: number | null;
  /** Rows of the star schema that it inserted or updated; null until it is loaded. */
  readonly rows: number | null;
}

/**
 * The times of successive batches as small numbers, so that ten thousand of them stay below 300 kB of JSON. `readMs`
 * are differences to the batch before; the other times are differences to `readMs`.
 */
export interface PackedBatches {
  readonly first: number;
  readonly readMs: readonly number[];
  readonly ingestedMs: readonly (number | null)[];
  readonly transformedMs: readonly (number | null)[];
  readonly loadedMs: readonly (number | null)[];
  readonly rows: readonly (number | null)[];
}

/** Packs batches that follow each other without gaps. */
export function packBatches(batches: readonly BatchTimes[]): PackedBatches {
  const since = (time: (batch: BatchTimes) => number | null) =>
    batches.map((batch) => {
      const ms = time(batch);
      return ms === null ? null : ms - batch.readMs;
    });
  return {
    first: batches[0]?.batch ?? 0,
    readMs: batches.map(({ readMs }, index) => readMs - (batches[index - 1]?.readMs ?? 0)),
    ingestedMs: since(({ ingestedMs }) => ingestedMs),
    transformedMs: since(({ transformedMs }) => transformedMs),
    loadedMs: since(({ loadedMs }) => loadedMs),
    rows: batches.map(({ rows }) => rows),
  };
}

/** Returns what was packed. */
export function unpackBatches(packed: PackedBatches): BatchTimes[] {
  let readMs = 0;
  return packed.readMs.map((difference, index) => {
    readMs += difference;
    const at = (times: readonly (number | null)[]) => {
      const ms = times[index] ?? null;
      return ms === null ? null : readMs + ms;
    };
    return {
      batch: packed.first + index,
      readMs,
      ingestedMs: at(packed.ingestedMs),
      transformedMs: at(packed.transformedMs),
      loadedMs: at(packed.loadedMs),
      rows: packed.rows[index] ?? null,
    };
  });
}
