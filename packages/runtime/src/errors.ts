/** The error codes: what each means, whether a retry helps, and what to do. The runbook has these entries. */
export enum ErrorCode {
  /** The configuration is incomplete or wrong. A retry does not help: correct the variables that the message lists. */
  CONFIG_INVALID = 'CONFIG_INVALID',
  /**
   * A database does not answer, refuses the connection, or is lost during a run. A retry may help: check the server,
   * address, network, TLS and password.
   */
  CONNECTION_FAILED = 'CONNECTION_FAILED',
  /** A database's server is older than Postgres 13. A retry does not help: upgrade it, or name a newer one. */
  SERVER_TOO_OLD = 'SERVER_TOO_OLD',
  /** A statement failed. A retry helps where the cause passes by itself; the cause says which statement. */
  QUERY_FAILED = 'QUERY_FAILED',
  /**
   * A statement, or a wait on another system, reached its limit. The next tick tries again; if the fault remains, look
   * at what the run waited for, as the message says.
   */
  TIMED_OUT = 'TIMED_OUT',
  /**
   * Another run holds the lock of the source or the warehouse, and its session has not changed its state for 15
   * minutes: its client has probably died. A retry helps once the session has ended: end it with the statement in the
   * message, or wait if one statement of that run may take that long.
   */
  LOCK_ABANDONED = 'LOCK_ABANDONED',
  /**
   * A source table is missing, is not an ordinary or partitioned table, or has a foreign table as a partition. The run
   * stops; later runs go on once the table is restored or removed from the model, or the partition is detached.
   */
  SOURCE_TABLE_MISSING = 'SOURCE_TABLE_MISSING',
  /**
   * A source column is missing or renamed: the message names it. The run stops; later runs go on once the change is
   * undone or the model has it.
   */
  SOURCE_COLUMN_MISSING = 'SOURCE_COLUMN_MISSING',
  /**
   * A source column has another type than in the model. The run stops; later runs go on once the change is undone or
   * the model has it.
   */
  SOURCE_COLUMN_RETYPED = 'SOURCE_COLUMN_RETYPED',
  /**
   * A source enum has a label that the model lacks. The run stops; later runs go on once the label is removed or the
   * model has it.
   */
  SOURCE_LABEL_UNKNOWN = 'SOURCE_LABEL_UNKNOWN',
  /**
   * The source's role may not read a table or identify the server, or a policy may hide rows of a table. The run stops;
   * it goes on once the right that the message names is granted: SELECT, EXECUTE, or BYPASSRLS where there are
   * policies.
   */
  SOURCE_FORBIDDEN = 'SOURCE_FORBIDDEN',
  /**
   * The source's server does not support a function that reports its identity or its WAL position, such as an Aurora
   * reader or an Aurora writer without logical replication. A retry does not help: change the setting, or name the
   * other server, as the message says.
   */
  SOURCE_UNSUPPORTED = 'SOURCE_UNSUPPORTED',
  /**
   * A key of a source table occurs twice or is null: in the table itself, which has no unique index on it, or in the
   * table and its inheritance child. The counts that prove deletions would be wrong, so the run stops. Delete or
   * renumber the row that the message names, and add a primary key.
   */
  SOURCE_KEY_DUPLICATE = 'SOURCE_KEY_DUPLICATE',
  /**
   * More rows of a table are unreadable than one run puts into quarantine (100), or the table cannot be scanned at all.
   * The cause is damaged data, or an expression that fails. The message names table, keys and the server's error.
   * Correct the expression, or restore the rows from a backup; the next run goes on.
   */
  SOURCE_ROW_UNREADABLE = 'SOURCE_ROW_UNREADABLE',
  /**
   * A large share of a table's rows was deleted at once. Restore them, or accept the deletions with `totesys accept
   * deletes TABLE`. A request to read rows does not accept deletions.
   */
  DELETES_UNUSUAL = 'DELETES_UNUSUAL',
  /** A bucket or folder cannot be used as a lake. Correct the URI, or the rights on it. */
  STORE_UNUSABLE = 'STORE_UNUSABLE',
  /**
   * A needed object is missing. A retry helps only while it is still being written. Otherwise restore it (in a bucket
   * from an old version, in a folder from a backup), or name the right place.
   */
  OBJECT_MISSING = 'OBJECT_MISSING',
  /**
   * An object exists already with other content. It is never overwritten; the run discards its work, and the next run
   * starts again.
   */
  OBJECT_CONFLICT = 'OBJECT_CONFLICT',
  /**
   * An object is not what its manifest says. Restore it (in a bucket from an old version, in a folder from a backup),
   * then run again.
   */
  OBJECT_CORRUPT = 'OBJECT_CORRUPT',
  /**
   * A command names a batch or a row that does not exist. Correct its number or key; `totesys status` shows the newest
   * batch.
   */
  NOT_FOUND = 'NOT_FOUND',
  /**
   * A request does not match the schema, or is larger than one request may be. It is not filed. A retry does not help:
   * correct it, name wider ranges of keys, or file several requests.
   */
  REQUEST_UNFIT = 'REQUEST_UNFIT',
  /**
   * A manifest cannot be parsed, is from a newer version, or has an older lake format. Newer: deploy the version that
   * wrote it, or a newer one. Older: name new, empty lakes and a new, empty warehouse; the old ones stay readable by
   * the version that wrote them.
   */
  MANIFEST_UNREADABLE = 'MANIFEST_UNREADABLE',
  /**
   * A manifest's predecessor is not the one that it names, or the lakes and the warehouse do not belong together. Name
   * the same lakes for all stages; if a manifest was altered or lost, or a lake was restored from an older copy,
   * restore the manifest that the message names (in a bucket from an old version, in a folder from a backup).
   */
  CHAIN_BROKEN = 'CHAIN_BROKEN',
  /**
   * The warehouse's role may not create what a migration needs. Make it the owner of the database, or have the owner
   * run what the message says.
   */
  WAREHOUSE_FORBIDDEN = 'WAREHOUSE_FORBIDDEN',
  /** The warehouse has tables that differ from the model. Correct them, or load into an empty database. */
  WAREHOUSE_UNFIT = 'WAREHOUSE_UNFIT',
  /**
   * The warehouse has rows that it should not have. Load: a fact has record ids beyond the newest ledger entry (the
   * schema `etl` was lost, or is older than the facts, or rows were inserted by hand). A retry does not help: restore
   * `etl` from the backup of the facts, delete the rows, or build an empty database with `totesys rebuild`; rows from
   * before the first batch are accepted by `totesys load --adopt` with the owner's URL. Rebuild: the warehouse has
   * batches or rows already, or another load wrote to it meanwhile. Name an empty database that no schedule loads into,
   * or load the remaining batches with `totesys load`.
   */
  WAREHOUSE_NOT_EMPTY = 'WAREHOUSE_NOT_EMPTY',
  /**
   * Too many rows of a batch break the contract. A retry helps once the source is corrected: later batches carry the
   * corrected rows, and all load together. Or accept the batch.
   */
  QUARANTINE_THRESHOLD = 'QUARANTINE_THRESHOLD',
  /**
   * An Iceberg table is not as publish left it: another writer added or removed rows, changed columns, went back to an
   * earlier snapshot or removed the watermark, or the metadata is of another table. A retry does not help: undo that
   * change, or write the tables again with `totesys publish --rebuild`. A compaction is no such change.
   */
  ICEBERG_CHANGED = 'ICEBERG_CHANGED',
  /**
   * An Iceberg table has a newer format version than this one understands: another writer upgraded it. A retry does not
   * help: use a newer version of totesys, or write the tables again with `totesys publish --rebuild`.
   */
  ICEBERG_FORMAT_NEWER = 'ICEBERG_FORMAT_NEWER',
  /**
   * A file that the metadata of an Iceberg table names is missing. A retry does not help: restore the file, or write
   * the tables again with `totesys publish --rebuild`.
   */
  ICEBERG_FILE_MISSING = 'ICEBERG_FILE_MISSING',
  /**
   * Other writers committed to an Iceberg table each time that publish tried to. The next run tries again; if the error
   * remains, look for an engine that rewrites the table without a pause.
   */
  ICEBERG_BUSY = 'ICEBERG_BUSY',
  /** An event is not one that this stage understands. A retry does not help: find out what sends it. */
  EVENT_UNREADABLE = 'EVENT_UNREADABLE',
  /**
   * Dead letters remain in the queue: transform failed again on their events, or they are not events. Each letter names
   * its reason; correct that, then redrive again.
   */
  LETTERS_LEFT = 'LETTERS_LEFT',
}

/**
 * A fault with its code, a message that says what to do, and the context that a log may carry: never row values or
 * secrets.
 */
export class PipelineError extends Error {
  readonly code: ErrorCode;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    message: string,
    options: { context?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'PipelineError';
    this.code = code;
    this.context = options.context ?? {};
  }
}
