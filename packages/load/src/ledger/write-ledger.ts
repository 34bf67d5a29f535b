import type { ProcessedManifest } from '@totesys/lake';
import { type Connection, inTransaction, type Pool, READ_COMMITTED, type Telemetry, WRITING } from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { highestRecordIds } from '@totesys/warehouse';

/**
 * Writes the batch to the ledger, in the transaction of its rows: whoever comes second fails here. With it goes the last record id of each
 * fact, by which the state as of the batch can be read later.
 */
export async function writeLedger(
  sql: Connection,
  model: Model,
  manifest: ProcessedManifest,
  processedSha256: string,
  rows: number,
): Promise<void> {
  await sql.unsafe(
    `insert into etl.ledger (batch, manifest_sha256, processed_sha256, source_clock, rows, last_record_ids)
     values ($1::integer, $2::text, $3::text, $4::text, $5::bigint, ${highestRecordIds(model)})`,
    [manifest.batch, manifest.ingestion.sha256, processedSha256, manifest.sourceClock, rows],
  );
}

/** Adds the last record ids to the newest entry of an old ledger, once: those of the facts as they are now. */
export async function completeLedger(warehouse: Pool, model: Model, telemetry: Telemetry): Promise<void> {
  const [newest] = await inTransaction(warehouse, READ_COMMITTED, (sql) =>
    sql.unsafe('select last_record_ids is null as lacks from etl.ledger order by batch desc limit 1'),
  );
  if (newest?.lacks !== true) return;
  const [entry] = await inTransaction(warehouse, WRITING, (sql) =>
    sql.unsafe(
      `update etl.ledger set last_record_ids = ${highestRecordIds(model)}
        where batch = (select max(batch) from etl.ledger) and last_record_ids is null returning batch, last_record_ids as ids`,
    ),
  );
  if (entry) telemetry.warn('ledger:completed', { batch: entry.batch, lastRecordIds: entry.ids });
}
