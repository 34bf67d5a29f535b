import type { PackedBatches } from './batch-times.ts';

/** Everything that the report shows. It is embedded in the page as JSON, and holds values only if `showsValues`. */
export interface ReportData {
  /** When the report was made, by the clock of this machine: ISO 8601 in UTC. */
  readonly madeAt: string;
  readonly version: string;
  readonly showsValues: boolean;
  /** How long a change may take from the source to the warehouse: seconds. */
  readonly promiseSeconds: number;
  readonly path: PathOfData;
  readonly batches: PackedBatches;
  /** The newest batches, table by table, the newest first. */
  readonly details: readonly BatchDetail[];
  readonly notices: readonly Notice[];
  readonly quarantine: Quarantine;
  /** The last proofs, the newest first. */
  readonly proofs: readonly Proof[];
  readonly rows: readonly RowHistory[];
  /** The questions of docs/questions.md, with their answers if the report shows values. */
  readonly questions: readonly Question[];
  readonly dictionary: readonly DictionaryTable[];
}

/** The way of the data: the tables of the source, the places with their newest batch, and the star schema. */
export interface PathOfData {
  readonly source: readonly SourceTableState[];
  readonly places: readonly PlaceState[];
  readonly warehouse: readonly WarehouseTableState[];
}

/** A table of the source as the newest batch knows it. */
export interface SourceTableState {
  readonly table: string;
  readonly rows: number;
  readonly coverage: string;
  /** Changes that no batch has yet; null if the source was not asked. */
  readonly unread: { readonly changed: number; readonly deleted: number; readonly isCovered: boolean } | null;
}

/** A lake or the warehouse: its newest batch, and what waits for the stage after it. */
export interface PlaceState {
  readonly place: 'ingestion' | 'processed' | 'warehouse';
  readonly newestBatch: number;
  /** When the newest batch was read, by the source's clock in UTC; null for none. */
  readonly sourceClock: string | null;
  readonly waiting: { readonly batches: number; readonly rows: number; readonly isLeast: boolean } | null;
}

/** A table of the star schema, with the rows that Postgres estimates; null before the first analyze. */
export interface WarehouseTableState {
  readonly table: string;
  readonly rows: number | null;
}

/** One batch, table by table. */
export interface BatchDetail {
  readonly batch: number;
  readonly requests: readonly string[];
  readonly tables: readonly {
    readonly table: string;
    readonly changed: number;
    readonly deleted: number;
    readonly quarantined: number;
  }[];
}

/** Something that waits or has failed, and the command that helps. */
export interface Notice {
  readonly level: 'fault' | 'warning' | 'info';
  readonly text: string;
  readonly command: string | null;
}

/** What is in quarantine, by reason. */
export interface Quarantine {
  readonly batch: number;
  readonly rows: number;
  readonly discarded: number;
  readonly groups: readonly {
    readonly table: string;
    readonly column: string;
    readonly reason: string;
    readonly rule: string;
    readonly rows: number;
    readonly keys: string;
    readonly firstBatch: number;
    readonly since: string;
  }[];
}

/** The result of a proof. */
export interface Proof {
  /** When the source was read, by its clock in UTC. */
  readonly at: string;
  readonly batch: number;
  readonly ok: boolean;
  readonly rows: number;
  readonly differing: number;
  /** Faults of the history and of the lakes. */
  readonly faults: number;
  /** Which part of the tables it compared, beside what was new. */
  readonly slice: string;
  readonly tables: readonly string[];
}

/** The history of one source row in the warehouse tables that come from it. */
export interface RowHistory {
  readonly table: string;
  readonly key: number;
  readonly versions: readonly RowVersion[];
  /** Deletions, quarantine and facts that are held, in the order of batches. */
  readonly events: readonly { readonly batch: number; readonly text: string }[];
}

/** One version of a row, with its origin. */
export interface RowVersion {
  readonly table: string;
  readonly number: number;
  readonly batch: number;
  readonly sourceClock: string;
  readonly recordId: number | null;
  readonly isCurrent: boolean;
  /** The parts that it comes from: the row's own, those of rows that it joins to, and the derived one. */
  readonly objects: readonly { readonly what: string; readonly key: string }[];
  /** `value` is absent unless the report shows values. */
  readonly columns: readonly { readonly name: string; readonly value?: string | null; readonly isChanged: boolean }[];
}

/** A table or a view of the warehouse, with the source column of each of its columns. */
export interface DictionaryTable {
  readonly name: string;
  readonly about: string;
  readonly columns: readonly { readonly name: string; readonly about: string; readonly origin: string | null }[];
}

/** A question about the business, and the query that answers it. */
export interface Question {
  readonly number: number;
  readonly title: string;
  readonly about: string;
  readonly sql: string;
  /** Null if it was not asked: the report shows no values, or has no warehouse. */
  readonly answer: Answer | null;
}

/** The rows that a query returned, each value as text. */
export interface Answer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  /** Whether there are more rows than these. */
  readonly isCut: boolean;
  /** Why the query failed; then there are no rows. */
  readonly fault: string | null;
}
