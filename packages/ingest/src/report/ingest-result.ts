/** What an ingest run did; `complete` is false if there is more to read at once. */
export type IngestResult = { readonly warnings: readonly string[] } & (
  | {
      readonly outcome: 'committed';
      readonly batch: number;
      readonly rows: number;
      readonly deleted: number;
      readonly quarantined: number;
      readonly complete: boolean;
    }
  | { readonly outcome: 'unchanged' }
  | { readonly outcome: 'yielded'; readonly reason: string }
);
