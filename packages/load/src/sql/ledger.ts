import type { Model } from '@totesys/schema';
import { highestRecordIds } from '@totesys/warehouse';

/**
 * Inserts the entry of batch $1: manifest checksums $2 and $3, source clock $4, rows $5, the last batch of the
 * transaction $6, and the last record ids.
 */
export function insertLedgerEntry(model: Model): string {
  return `insert into etl.ledger (batch, manifest_sha256, processed_sha256, source_clock, rows, loaded_with,
                         last_record_ids)
   values ($1::integer, $2::text, $3::text, $4::text, $5::bigint, $6::integer, ${highestRecordIds(model)})`;
}

/** Whether the newest entry lacks its last record ids. */
export interface EntryState {
  readonly lacks: boolean;
}

/** Selects whether the newest entry lacks its last record ids; no row without an entry. */
export const selectEntryState = 'select last_record_ids is null as lacks from etl.ledger order by batch desc limit 1';

/** An entry that got its last record ids. */
export interface CompletedEntry {
  readonly batch: number;
  readonly ids: Readonly<Record<string, number | null>>;
}

/** Adds the last record ids to the newest entry if it lacks them. */
export function completeNewestEntry(model: Model): string {
  return `update etl.ledger set last_record_ids = ${highestRecordIds(model)}
    where batch = (select max(batch) from etl.ledger) and last_record_ids is null
    returning batch, last_record_ids as ids`;
}
