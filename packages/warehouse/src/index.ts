export * from './find-beyond-ledger.ts';
export * from './read-ledger.ts';
export * from './read-ledger-entries.ts';
export type { LedgerEntry } from './sql/ledger-entries.ts';
export { highestRecordIds } from './sql/record-ids.ts';
