import type { TableMetadata } from '../metadata/table-metadata.ts';

/** The state of a table in a catalogue. */
export interface TableVersion {
  /** What the next commit must find unchanged; only the catalogue understands it. */
  readonly version: string;
  /** The URI of the metadata object; undefined if the catalogue has the table and no metadata yet. */
  readonly metadataUri: string | undefined;
  /** The bytes of the metadata object; undefined if there is none, or if it is missing. */
  readonly metadata: Uint8Array | undefined;
}

/** Names the metadata object that is the current state of each table. */
export interface Catalogue {
  /** The catalogue, for messages. */
  readonly uri: string;
  /** Returns the current state of a table; undefined if there is no such table. */
  find(table: string): Promise<TableVersion | undefined>;
  /**
   * Makes metadata the state of a table if its state is still `base`. Returns whether it did; if not, another commit
   * was first, and the caller reads the table again.
   */
  commit(table: string, base: TableVersion | undefined, metadata: TableMetadata): Promise<boolean>;
  /** Completes what a killed commit has left undone for readers; only some catalogues need it. */
  repair?(table: string): Promise<void>;
}
