/** What a run added to a table. */
export interface PublishedRows {
  readonly table: string;
  readonly rows: number;
  readonly files: number;
}

/** The result of a publish run. */
export interface PublishResult {
  readonly outcome: 'published' | 'unchanged';
  /** The first and the last batch that a table got; null for none. */
  readonly batches: { readonly first: number; readonly last: number } | null;
  /** The last batch that all tables have. */
  readonly watermark: number;
  readonly tables: readonly PublishedRows[];
  /** Why the batch after the watermark is not published; absent if none waits. */
  readonly blocked?: string;
}
