import * as z from 'zod';

/** The format of proofs that this version writes and reads. */
const PROOF_FORMAT = 1;

const count = z.number().int().nonnegative();
const key = z.number().int();

/** The rows of a table that a proof compared, and how many differ in each way; `keys` are those of the differences. */
const tableProof = z.object({
  table: z.string(),
  rows: count,
  ranges: count,
  missing: count,
  extra: count,
  differs: count,
  unread: count,
  quarantined: count,
  held: count,
  kept: count,
  keys: z.array(z.tuple([key, key])),
});

/** A row that differs; its columns have no values here. */
const difference = z.object({
  table: z.string(),
  id: z.union([z.number(), z.string()]),
  kind: z.enum(['missing', 'extra', 'differs']),
  columns: z.array(z.string()).optional(),
});

const historyFault = z.object({ table: z.string(), id: z.number().nullable(), fault: z.string() });

const lakeFault = z.object({
  place: z.enum(['ingestion', 'processed', 'ledger', 'history']),
  batch: count,
  object: z.string().optional(),
  fault: z.string(),
});

/**
 * Where the next proof continues: the slice of the tables that it compares, the first key of each table that this
 * cycle has not compared yet, and the first batch of its slice of the lakes.
 */
const position = z.object({
  slice: count,
  slices: count,
  keys: z.record(z.string(), key),
  batch: count,
});

/** The result of a proof, without values of rows. */
export const proof = z.object({
  format: z.literal(PROOF_FORMAT),
  kind: z.literal('proof'),
  /** The newest batch of the warehouse that was compared, 0 for none. */
  batch: count,
  /** The newest batch whose keys this proof or an earlier one has compared. */
  through: count,
  /** The source's clock when its snapshot was taken, in UTC. */
  clock: z.string(),
  codeVersion: z.string(),
  /** Whether no row differs and neither history nor lakes have a fault. */
  ok: z.boolean(),
  /** Rows compared, ranges of keys, and keys of batches that were too many for one proof. */
  rows: z.object({ compared: count, ranges: count, differing: count, unread: count, left: count }),
  tables: z.array(tableProof),
  differences: z.array(difference),
  history: z.object({ faults: count, named: z.array(historyFault) }),
  lake: z.object({ batches: count, parts: count, bytes: count, faults: count, named: z.array(lakeFault) }),
  next: position,
});

/** @see proof */
export type Proof = z.infer<typeof proof>;
/** @see tableProof */
export type TableProof = z.infer<typeof tableProof>;
/** @see position */
export type ProofPosition = z.infer<typeof position>;

/** Returns a proof as this version writes it. */
export function describeProof(content: Omit<Proof, 'format' | 'kind'>): Proof {
  return { format: PROOF_FORMAT, kind: 'proof', ...content };
}
