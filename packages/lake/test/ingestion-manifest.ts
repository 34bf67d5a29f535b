import { type IngestionManifest, MANIFEST_FORMAT } from '../src/index.ts';

/** The manifest of a first batch that brings nothing; `fields` take the place of what it has. */
export const ingestionManifest = (fields: Partial<IngestionManifest> = {}): IngestionManifest => ({
  format: MANIFEST_FORMAT,
  kind: 'ingestion',
  batch: 1,
  previous: null,
  codeVersion: 'test',
  sourceClock: '2026-11-22T10:00:00.000000',
  source: { systemIdentifier: '7', timeline: 1, databaseOid: '5', walPosition: '9', inRecovery: false },
  fence: { from: null, to: { xmin: '700', xmax: '701' } },
  tables: {},
  pairsSince: null,
  parts: [],
  deleted: [],
  quarantined: [],
  state: [],
  requests: [],
  ...fields,
});
