import { type Connection, hasRelation } from '@totesys/runtime';
import { factsOf, type Model } from '@totesys/schema';
import { highestRecordIds, readNewestAdoption, readNewestEntry } from './sql/record-ids.ts';

/** A fact with rows that no batch of the ledger brought: its record ids go up to `highest`, those of the ledger or the adoption to `known`. */
export interface BeyondLedger {
  readonly fact: string;
  readonly batch: number;
  readonly highest: number;
  readonly known: number;
}

/** Below every record id: another program may have numbered its rows from 0, or downwards. */
const NO_ROW = Number.NEGATIVE_INFINITY;

export interface RecordIds {
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
