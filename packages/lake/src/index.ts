export { batchMissing, type ChainHead, type Lakes } from './chain/chain.ts';
export * from './chain/check-chain.ts';
export * from './chain/compare-manifests.ts';
export * from './key-layout.ts';
export { readChangedKeys } from './keys/changed-keys.ts';
export { coarseRanges } from './keys/coarse-ranges.ts';
export { type BatchKeys, indexRows } from './keys/index-rows.ts';
export { findKeyBounds, type KeyBounds } from './keys/key-bounds.ts';
export * from './keys/key-index.ts';
export * from './keys/key-set.ts';
export { keyRangeRows, keysOfColumn, readPartKeys, readPartRanges } from './keys/part-keys.ts';
export { checkLakeFormat } from './manifests/lake-format.ts';
export * from './manifests/manifest.ts';
export { namedParts } from './manifests/named-parts.ts';
export { findNewestBatch } from './manifests/newest-batch.ts';
export * from './manifests/read-manifest.ts';
export * from './manifests/wake-up.ts';
export {
  countParquetRows,
  type DecodedParquet,
  decodeParquet,
  encodeParquet,
  openParquet,
} from './parts/parquet.ts';
export { encodeParquetFile } from './parts/parquet-file.ts';
export * from './parts/part.ts';
export * from './parts/part-texts.ts';
export * from './proofs/proof.ts';
export * from './proofs/proofs.ts';
export * from './quarantine/checkpoint.ts';
export * from './quarantine/discards.ts';
export * from './quarantine/find-batches-to-load.ts';
export * from './quarantine/long-text.ts';
export * from './quarantine/open-keys.ts';
export { QuarantineWriter } from './quarantine/quarantine-writer.ts';
export { type QuarantinedValue, readQuarantine, readQuarantinedKeys } from './quarantine/quarantined-value.ts';
export * from './quarantine/threshold.ts';
export * from './requests/request.ts';
export * from './requests/requests.ts';
export { proveCreateOnly } from './stores/create-only.ts';
export { FolderStore } from './stores/folder-store.ts';
export { FROM_BACKUP } from './stores/from-backup.ts';
export { memoryStore } from './stores/memory-store.ts';
export { findScheme, openStore, placesOverlap } from './stores/open-store.ts';
export { S3Store } from './stores/s3-store.ts';
export * from './stores/store.ts';
