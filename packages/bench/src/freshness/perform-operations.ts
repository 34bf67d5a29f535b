import { setTimeout as delay } from 'node:timers/promises';
import { query, type Sql } from '@totesys/runtime';
import type { Operation } from './plan-operations.ts';

/** An operation that was made. */
export interface Performed extends Operation {
  /** The id of its transaction in the source, 64-bit in decimal digits. */
  readonly transaction: string;
}

/** An operation with the time of its commit: seconds since 1970. */
export interface Committed extends Performed {
  readonly committedAt: number;
}

/** The connections that make operations at the same time. */
export const WRITERS = 4;

/** Makes the operations at a constant rate: each begins at its own time, even if the one before it is not complete. */
export async function performOperations(
  source: Sql,
  operations: readonly Operation[],
  perSecond: number,
): Promise<Performed[]> {
  const startedMs = performance.now();
  const performed: Performed[] = [];
  let next = 0;
  const write = async () => {
    for (let number = next++; number < operations.length; number = next++) {
      const restMs = startedMs + (number * 1e3) / perSecond - performance.now();
      if (restMs > 0) await delay(restMs);
      performed.push(await performOperation(source, operations[number]!));
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
  return performed;
}

/** Makes one operation. */
export async function performOperation(source: Sql, operation: Operation): Promise<Performed> {
  const { kind, mark, key } = operation;
  const [row] = await query<{ transaction: string }>(source, { text: kind.text, parameters: [mark, key] });
  if (row === undefined) throw new Error(`Operation '${kind.name}' changed nothing: key ${key} is not in the source.`);
  return { ...operation, transaction: row.transaction };
}

/** Returns the operations in the order of their commits, with the times. The server must record them. */
export async function readCommitTimes(source: Sql, performed: readonly Performed[]): Promise<Committed[]> {
  const rows = await query<{ at: number }>(source, {
    text: COMMIT_TIMES,
    parameters: [performed.map(({ transaction }) => transaction)],
  });
  const committed = performed.map((operation, index) => ({ ...operation, committedAt: rows[index]!.at }));
  return committed.sort((a, b) => a.committedAt - b.committedAt);
}

const COMMIT_TIMES = `
  select extract(epoch from pg_xact_commit_timestamp(id::xid8::xid))::float8 as at
    from unnest($1::text[]) with ordinality t (id, position)
   order by position`;
