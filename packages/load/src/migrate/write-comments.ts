import { createHash } from 'node:crypto';
import {
  type Connection,
  execute,
  hasRelation,
  inTransaction,
  type Pool,
  query,
  READ_COMMITTED,
  SqlState,
  sqlStateOf,
  type Telemetry,
  type TransactionOptions,
  tryLock,
  WRITING,
} from '@totesys/runtime';
import { type DescribedColumn, describeWarehouse, type Model } from '@totesys/schema';
import { type CommentStatements, noteComments } from '../sql/comments.ts';
import { insertMigration, selectMigration } from '../sql/migration.ts';

/** An arbitrary number that no other advisory lock uses. */
const LOCK_KEY = '8389772276738093441';
/** Comments can wait: if another session builds an index or alters a table, the next run writes them. */
const COMMENTING: TransactionOptions = { ...WRITING, lockTimeoutMs: 1_000 };
/** Errors that pass: another session works on a table, or has just changed its owner. */
const PASSING: readonly (string | undefined)[] = [
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  SqlState.insufficientPrivilege,
];

/** The comment on a column, or on the table or view itself if `column` is empty. */
interface Comment {
  readonly schema: string;
  readonly relation: string;
  readonly column: string;
  readonly said: string;
}

/**
 * Writes the data dictionary's descriptions as comments on the tables, views and columns of the warehouse. Relations of
 * other owners and comments written by others stay as they are. A lock that is not granted does not stop the load.
 */
export async function writeComments(warehouse: Pool, model: Model, telemetry: Telemetry): Promise<void> {
  const comments = commentsOf(model);
  const fingerprint = fingerprintOf(comments);
  const isWritten = (transaction: Connection) => areWritten(transaction, fingerprint);
  if (await inTransaction(warehouse, READ_COMMITTED, isWritten)) return;
  try {
    await inTransaction(warehouse, COMMENTING, (transaction) => write(transaction, comments, fingerprint));
  } catch (error) {
    if (!PASSING.includes(sqlStateOf(error))) throw error;
    telemetry.warn('comments:postponed', { reason: (error as Error).message });
  }
}

/** Whether the descriptions have been written as comments since the data dictionary changed last. */
export async function hasComments(connection: Connection, model: Model): Promise<boolean> {
  if (!(await hasRelation(connection, 'etl.migration'))) return false;
  return await areWritten(connection, fingerprintOf(commentsOf(model)));
}

async function areWritten(connection: Connection, fingerprint: string): Promise<boolean> {
  const written = await query(connection, { text: selectMigration, parameters: [fingerprint] });
  return written.length > 0;
}

function fingerprintOf(comments: readonly Comment[]): string {
  return createHash('sha256').update(JSON.stringify(comments)).digest('hex');
}

function commentsOf(model: Model): Comment[] {
  return describeWarehouse(model).flatMap(({ schema, name: relation, about, columns }) => [
    { schema, relation, column: '', said: about },
    ...columns.map((column) => ({ schema, relation, column: column.name, said: sentencesOf(column) })),
  ]);
}

function sentencesOf({ about, origin }: DescribedColumn): string {
  return [about, origin && `From ${origin}.`].filter(Boolean).join(' ');
}

async function write(connection: Connection, comments: readonly Comment[], fingerprint: string): Promise<void> {
  // If two first loads start at once, one of them writes.
  if (!(await tryLock(connection, LOCK_KEY))) return;
  const statement = { text: noteComments, parameters: [JSON.stringify(comments)] };
  const [noted] = await query<CommentStatements>(connection, statement);
  if (noted?.statements) await execute(connection, { text: noted.statements });
  await execute(connection, { text: insertMigration, parameters: [fingerprint] });
}
