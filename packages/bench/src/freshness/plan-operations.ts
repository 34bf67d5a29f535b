import { UsageError } from '@totesys/cli';
import { query, type Sql } from '@totesys/runtime';
import type { KeyPool } from './key-pools.ts';
import { FIRST_MARK, NEW_ORDER, OPERATION_KINDS, type OperationKind } from './operation-kinds.ts';

/** An operation to make in the source. */
export interface Operation {
  readonly kind: OperationKind;
  /** The number that the operation writes into its row: no other operation has it. */
  readonly mark: number;
  readonly key: number;
}

/** Operations, and probes that show when a tool has begun to follow the source. */
export interface Plan {
  readonly operations: readonly Operation[];
  /** Returns the next probe: a new order. */
  nextProbe(): Operation;
}

const SEED = 11;
/** The distance of two successive operations in the list of kinds: it has no factor in common with 100. */
const KIND_STEP = 37;

/** Plans `count` operations on the rows of a source; equal sources get equal plans. */
export async function planOperations(source: Sql, count: number): Promise<Plan> {
  const slots = OPERATION_KINDS.flatMap((kind) => Array.from({ length: kind.share }, () => kind));
  const keys = new Map<KeyPool, readonly number[]>();
  for (const { keys: pool } of OPERATION_KINDS) if (!keys.has(pool)) keys.set(pool, await readKeys(source, pool));
  const used = new Map<KeyPool, number>();
  let mark = FIRST_MARK;
  const next = (kind: OperationKind): Operation => {
    const known = keys.get(kind.keys)!;
    const index = used.get(kind.keys) ?? 0;
    used.set(kind.keys, index + 1);
    if (kind.keys.isOnce && index >= known.length) throw tooFewRows(kind.keys, known.length, count);
    return { kind, mark: mark++, key: known[index % known.length]! };
  };
  const operations = Array.from({ length: count }, (_, number) => next(slots[(number * KIND_STEP) % slots.length]!));
  return { operations, nextProbe: () => next(NEW_ORDER) };
}

async function readKeys(source: Sql, { text }: KeyPool): Promise<number[]> {
  const rows = await query<{ key: number }>(source, { text, parameters: [SEED] });
  return rows.map(({ key }) => key);
}

const tooFewRows = ({ table }: KeyPool, rows: number, count: number) =>
  new UsageError(
    `Table '${table}' has too few rows for ${count} operations: each needs a row of its own, and the table has ` +
      `${rows}. Raise --rows, or lower --seconds or --rate.`,
  );
