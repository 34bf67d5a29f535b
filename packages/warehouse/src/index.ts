export * from './find-beyond-ledger.ts';
export * from './read-ledger.ts';
export * from './read-ledger-entries.ts';
export * from './sql/record-ids.ts';
