import { createHash } from 'node:crypto';
import {
  type Connection,
  inTransaction,
  type Pool,
  READ_COMMITTED,
  SqlState,
  sqlStateOf,
  type Telemetry,
  type TransactionOptions,
  WRITING,
} from '@totesys/runtime';
import { type DescribedColumn, describeWarehouse, type Model } from '@totesys/schema';
import { noteComments } from '../sql/comments.ts';

// Any number that nobody else uses.
const LOCK_KEY = '8389772276738093441';
/** A comment is worth no wait: where somebody builds an index or changes a table, the next run writes it. */
const COMMENTING: TransactionOptions = { ...WRITING, lockTimeoutMs: 1_000 };
/** Somebody is at work on a table, or it has changed hands just now. */
const PASSING: readonly (string | undefined)[] = [
  SqlState.lockNotAvailable,
  SqlState.deadlockDetected,
  SqlState.insufficientPrivilege,
];

/** A comment to be: of a column, or of the table or view itself where `column` is empty. */
interface Comment {
  readonly schema: string;
  readonly relation: string;
  readonly column: string;
  readonly said: string;
}

/**
 * Has the warehouse itself say of its tables, views and columns what the data dictionary says. What somebody else owns, or has a comment
 * of their own on, is left as it is, and a lock that is not had keeps no load from going on.
 */
export async function writeComments(sql: Pool, model: Model, telemetry: Telemetry): Promise<void> {
  const comments = commentsOf(model);
  const fingerprint = createHash('sha256').update(JSON.stringify(comments)).digest('hex');
  const written = await inTransaction(sql, READ_COMMITTED, (look) =>
    look.unsafe('select from etl.migration where model_sha256 = $1::text', [fingerprint]),
  );
  if (written.length > 0) return;
  try {
    await inTransaction(sql, COMMENTING, (transaction) => write(transaction, comments, fingerprint));
  } catch (error) {
    if (!PASSING.includes(sqlStateOf(error))) throw error;
    telemetry.warn('comments:postponed', { reason: (error as Error).message });
  }
}

async function write(sql: Connection, comments: readonly Comment[], fingerprint: string): Promise<void> {
  // Two first loads at once: one of them writes.
  const [lock] = await sql.unsafe('select pg_try_advisory_xact_lock($1::bigint) as had', [LOCK_KEY]);
  if (lock?.had !== true) return;
  const [noted] = await sql.unsafe(noteComments, [JSON.stringify(comments)]);
  if (noted?.statements) await sql.unsafe(noted.statements);
  await sql.unsafe('insert into etl.migration (model_sha256) values ($1::text) on conflict do nothing', [fingerprint]);
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
