import { type Connection, hasRelation, query } from '@totesys/runtime';
import { factsOf, type Model } from '@totesys/schema';
import {
  type HighestIds,
  highestRecordIds,
  type NewestAdoption,
  type NewestEntry,
  selectNewestAdoption,
  selectNewestEntry,
} from './sql/record-ids.ts';

/** A fact with rows that no batch of the ledger brought. */
export interface BeyondLedger {
  readonly fact: string;
  /** The newest batch in the ledger, 0 for none. */
  readonly batch: number;
  /** The highest record id in the fact. */
  readonly highest: number;
  /** The last record id that the ledger or the adoption knows, 0 for none. */
  readonly known: number;
}

/** The record ids of the facts, and those that the ledger knows. */
export interface RecordIds {
  /** The newest batch in the ledger, 0 for none. */
  readonly batch: number;
  /** The last record id of each fact that the ledger or the adoption knows; undefined if an old ledger lacks them. */
  readonly known: Readonly<Record<string, number | null>> | undefined;
  readonly highest: Readonly<Record<string, number | null>>;
}

/** Below every record id: another program may have numbered rows from 0, or downwards. */
const NO_ROW = Number.NEGATIVE_INFINITY;

/**
 * Returns the facts with record ids above those of the newest ledger entry. The caller's transaction has one snapshot,
 * or holds the load lock.
 */
export async function findBeyondLedger(connection: Connection, model: Model): Promise<BeyondLedger[]> {
  return findUnknownIds(model, await readRecordIds(connection, model));
}

/** Reads the highest record ids, and those that the ledger knows or, before the first batch, the adoption. */
export async function readRecordIds(connection: Connection, model: Model): Promise<RecordIds> {
  const [row] = await query<HighestIds>(connection, { text: `select ${highestRecordIds(model)} as ids` });
  const highest = row!.ids;
  const [entry] = await query<NewestEntry>(connection, { text: selectNewestEntry });
  if (entry) return { batch: entry.batch, known: entry.ids ?? undefined, highest };
  const hasAdoption = await hasRelation(connection, 'etl.adoption');
  const [adoption] = hasAdoption ? await query<NewestAdoption>(connection, { text: selectNewestAdoption }) : [];
  return { batch: 0, known: adoption?.ids ?? {}, highest };
}

/** Returns the facts with record ids that neither the ledger nor the adoption knows. */
export function findUnknownIds(model: Model, { batch, known, highest }: RecordIds): BeyondLedger[] {
  if (known === undefined) return [];
  return factsOf(model)
    .map(({ name: fact }) => ({ fact, batch, highest: highest[fact] ?? NO_ROW, known: known[fact] ?? NO_ROW }))
    .filter((each) => each.highest > each.known)
    .map((each) => ({ ...each, known: Math.max(each.known, 0) }));
}
