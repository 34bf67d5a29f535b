import {
  type Connection,
  ErrorCode,
  hasRelation,
  inTransaction,
  ONE_SNAPSHOT,
  PipelineError,
  type Pool,
  SqlState,
  sqlStateOf,
} from '@totesys/runtime';
import { factsOf, type Model } from '@totesys/schema';
import { checkNextRecordId } from './check-sequence.ts';
import { highestRecordIds, readNewestAdoption, readNewestEntry } from './sql/record-ids.ts';

/** A fact with rows that no batch of the ledger brought: its record ids go up to `highest`, those of the ledger or the adoption to `known`. */
export interface BeyondLedger {
  readonly fact: string;
  readonly batch: number;
  readonly highest: number;
  readonly known: number;
}

/** A run that finds nothing to load waits no longer than this for a table that another session has locked. */
const LOCK_TIMEOUT_MS = 200;

/** Below every record id: another program may have numbered its rows from 0, or downwards. */
const NO_ROW = Number.NEGATIVE_INFINITY;

interface RecordIds {
  /** The newest batch in the ledger, 0 for none. */
  readonly batch: number;
  /** The last record id of each fact that the ledger or the adoption knows; undefined in a ledger from before they were kept. */
  readonly known: Readonly<Record<string, number | null>> | undefined;
  readonly highest: Readonly<Record<string, number | null>>;
}

/** Finds facts with record ids above those of the newest ledger entry. The caller's transaction has one snapshot, or the load lock. */
export async function findBeyondLedger(sql: Connection, model: Model): Promise<BeyondLedger[]> {
  return beyond(model, await readRecordIds(sql, model));
}

/**
 * Throws WAREHOUSE_NOT_EMPTY where a fact has rows that no batch brought: a lost ledger must not load everything twice. Where a table is
 * locked, the load itself checks it.
 */
export async function checkRecordIds(warehouse: Pool, model: Model): Promise<void> {
  try {
    await inTransaction(warehouse, { ...ONE_SNAPSHOT, lockTimeoutMs: LOCK_TIMEOUT_MS }, async (sql) => {
      const [first] = await findBeyondLedger(sql, model);
      if (first) throw notInLedger(first);
    });
  } catch (error) {
    if (sqlStateOf(error) !== SqlState.lockNotAvailable) throw error;
  }
}

/** Checks the same inside the load's transaction, under its lock; the next record id must also be above every id in use. */
export async function checkNextRecordIds(sql: Connection, model: Model): Promise<void> {
  const ids = await readRecordIds(sql, model);
  const [first] = beyond(model, ids);
  if (first) throw notInLedger(first);
  for (const fact of factsOf(model)) await checkNextRecordId(sql, fact, ids.known?.[fact.name] ?? 0);
}

/** Reads the record ids that are there and those that the ledger, or before the first batch the adoption, knows of. */
export async function readRecordIds(sql: Connection, model: Model): Promise<RecordIds> {
  const [row] = await sql.unsafe(`select ${highestRecordIds(model)} as ids`);
  const [entry] = await sql.unsafe(readNewestEntry);
  if (entry) return { batch: entry.batch, known: entry.ids ?? undefined, highest: row?.ids };
  const [adoption] = (await hasRelation(sql, 'etl.adoption')) ? await sql.unsafe(readNewestAdoption) : [];
  return { batch: 0, known: adoption?.ids ?? {}, highest: row?.ids };
}

/** The facts with rows that neither the ledger nor the adoption knows of. */
export function beyond(model: Model, { batch, known, highest }: RecordIds): BeyondLedger[] {
  if (known === undefined) return [];
  return factsOf(model)
    .map(({ name: fact }) => ({ fact, batch, highest: highest[fact] ?? NO_ROW, known: known[fact] ?? NO_ROW }))
    .filter((each) => each.highest > each.known)
    .map((each) => ({ ...each, known: Math.max(each.known, 0) }));
}

function notInLedger({ fact, batch, highest, known }: BeyondLedger): PipelineError {
  const end = known === 0 ? 'none of them' : `them up to ${known}`;
  const source = batch === 0 ? 'the ledger has no batch' : `the newest ledger entry is batch ${batch}`;
  const remedy =
    batch === 0
      ? "If the rows were there before the first batch, accept them with the owner's URL: totesys load --adopt"
      : `If the rows were inserted by hand, delete those above ${known}.`;
  return new PipelineError(
    ErrorCode.WAREHOUSE_NOT_EMPTY,
    `Table 'public.${fact}' of the warehouse has record ids up to ${highest}; ${source}, and it knows ${end}. Expected no row that no batch brought. Nothing was loaded, because versions would arrive twice. If the schema 'etl' was lost or is older than the facts, restore it from the backup of the facts, or build the warehouse in an empty database with: totesys rebuild. ${remedy}`,
    { context: { table: fact, batch, highest, known } },
  );
}
