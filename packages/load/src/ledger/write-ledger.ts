import { findIngestionManifest, findProcessedManifest, type ProcessedManifest, type Store } from '@totesys/lake';
import {
  type Connection,
  ErrorCode,
  hasRelation,
  inTransaction,
  ONE_SNAPSHOT,
  PipelineError,
  type Pool,
  READ_COMMITTED,
  type Telemetry,
  WRITING,
} from '@totesys/runtime';
import type { Model } from '@totesys/schema';
import { highestRecordIds } from '@totesys/warehouse';

/** The newest batch that the warehouse has, with the SHA-256 of its ingestion manifest. */
export interface LedgerHead {
  readonly batch: number;
  readonly sha256: string | null;
}

/** Reads the ledger's newest batch; batch 0 where nothing has been loaded. */
export async function readLedgerHead(sql: Connection): Promise<LedgerHead> {
  const [row] = await sql.unsafe('select batch, manifest_sha256 from etl.ledger order by batch desc limit 1');
  return row ? { batch: row.batch, sha256: row.manifest_sha256 } : { batch: 0, sha256: null };
}

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

/** Throws unless the lake has the very batch that the ledger ends with: a lake that is not this warehouse's loads nothing. */
export async function checkLake(store: Store, head: LedgerHead): Promise<void> {
  if (head.batch === 0) return;
  const found = await findProcessedManifest(store, head.batch);
  if (found?.manifest.ingestion.sha256 === head.sha256) return;
  throw brokenChain(store, head.batch, head.sha256, found?.manifest.ingestion.sha256 ?? null);
}

/** Throws unless the ingestion lake has the very batch that the ledger ends with; a warehouse without a ledger fits every lake. */
export async function checkIngestion(store: Store, warehouse: Pool): Promise<void> {
  const { batch, sha256 } = await inTransaction(warehouse, ONE_SNAPSHOT, async (sql) =>
    (await hasRelation(sql, 'etl.ledger')) ? readLedgerHead(sql) : { batch: 0, sha256: null },
  );
  if (batch === 0) return;
  const found = await findIngestionManifest(store, batch);
  if (found?.sha256 !== sha256) throw brokenChain(store, batch, sha256, found?.sha256 ?? null);
}

/** Throws unless the batch follows the one that the ledger ends with. */
export function checkChain(store: Store, head: LedgerHead, manifest: ProcessedManifest): void {
  if (manifest.ingestion.previous !== head.sha256) {
    throw brokenChain(store, manifest.batch, head.sha256, manifest.ingestion.previous);
  }
}

function brokenChain(store: Store, batch: number, expected: string | null, got: string | null): PipelineError {
  return new PipelineError(
    ErrorCode.CHAIN_BROKEN,
    `Batch ${batch} of the lake ${store.uri} does not fit the ledger of this warehouse: expected manifest ${expected ?? 'none before it'}, got ${got ?? 'none'}. Point at the lake that this warehouse was loaded from (of an older copy of it: restore what is missing), or load into an empty warehouse.`,
    { context: { batch, expected, got } },
  );
}
