import { findNewestBatch, type IngestionManifest, readIngestionManifest, type Store } from '@totesys/lake';
import { type Connection, inTransaction, ONE_SNAPSHOT, type Pool, query } from '@totesys/runtime';
import { type Model, quoteIdentifier, type SourceTable } from '@totesys/schema';
import {
  checkHints,
  compareIdentity,
  compareSourceLayout,
  openUnlockedSnapshot,
  readHintFacts,
  type SourceSnapshot,
} from '@totesys/source';
import {
  type SchemaRightsRow,
  type ServerRow,
  selectSchemaRights,
  selectTableRights,
  type TableRightsRow,
} from '../sql/server-facts.ts';
import { type Check, failed, failedBy, passed, warned } from './check.ts';
import { type Examined, examineServer } from './examine-server.ts';

/** What the checks of the source need besides its URL. */
export interface ExaminedSource extends Examined {
  readonly model: Model;
  /** Undefined if no ingestion lake is named. */
  readonly ingestion: Store | undefined;
  readonly usesHints: boolean;
}

/** Longer than any run, which a standby must be able to finish: milliseconds. */
const LONGEST_RUN_MS = 15 * 60_000;
const LIMITS = { lockTimeoutMs: 1_000, statementTimeoutMs: 5_000 };

/** Examines the source: its server, its tables and the rights to them, and what change hints need if they are on. */
export function examineSource(examined: ExaminedSource): Promise<readonly Check[]> {
  return examineServer(examined, async ({ pool, server }) => [
    checkStandby(server),
    ...(await checkTables(examined.model, pool, server)),
    ...(await checkIdentity(examined, pool)),
    ...(examined.usesHints ? await examineHints(examined.model, pool) : []),
  ]);
}

function checkStandby({ in_recovery: inRecovery, has_feedback: hasFeedback, standby_delay_ms: delayMs }: ServerRow) {
  if (!inRecovery) return passed('source', 'primary', 'the server is a primary');
  const isSafe = hasFeedback || delayMs < 0 || delayMs >= LONGEST_RUN_MS;
  if (isSafe) return passed('source', 'standby', 'replay waits for the statements of a run');
  const found = `replay waits ${delayMs / 1000} s for a statement and then ends it, and a run may take longer`;
  const remedy =
    'Set hot_standby_feedback = on there, or raise max_standby_streaming_delay beyond the length of a run.';
  return warned('source', 'standby', found, remedy);
}

async function checkTables(model: Model, pool: Pool, { role, is_superuser: isSuperuser }: ServerRow) {
  const { schemas, rights, layout } = await inTransaction(pool, ONE_SNAPSHOT, async (connection) => ({
    schemas: (await query<SchemaRightsRow>(connection, { text: selectSchemaRights }))[0],
    rights: await readRights(connection, model),
    layout: await compareSourceLayout(connection, model),
  }));
  const tables = model.source.flatMap((table): readonly Check[] => {
    const found = rights.find((each) => each.table === table.name);
    const faults = layout.faults.filter(({ context }) => context.table === table.name);
    if (faults.length > 0) return faults.map((fault) => failedBy('source', `table ${table.name}`, fault));
    return [found?.may_read ? passed('source', `table ${table.name}`, 'SELECT') : forbidden(table, role)];
  });
  const checks = [checkSchema(schemas?.may_use_public === true, role), ...tables];
  const written = rights.filter(({ may_write: mayWrite }) => mayWrite).map(({ table }) => table);
  if (!isSuperuser && written.length === 0) return checks;
  const found = isSuperuser ? `role ${role} is a superuser` : `role ${role} may write to ${written.join(', ')}`;
  return [...checks, warned('source', 'rights', found, 'SELECT is enough: use a role without other rights.')];
}

function checkSchema(mayUse: boolean, role: string): Check {
  if (mayUse) return passed('source', 'schema public', 'USAGE');
  const remedy = `Run: grant usage on schema public to ${role};`;
  return failed('source', 'schema public', `role ${role} may not use it`, remedy);
}

function readRights(connection: Connection, { source }: Model): Promise<readonly TableRightsRow[]> {
  return query(connection, { text: selectTableRights, parameters: [source.map(({ name }) => name)] });
}

function forbidden({ name }: SourceTable, role: string): Check {
  const remedy = `Run: grant select on public.${quoteIdentifier(name)} to ${role};`;
  return failed('source', `table ${name}`, `role ${role} may not read it`, remedy);
}

// Opening the snapshot calls each function by which ingest identifies the server.
async function checkIdentity({ ingestion }: ExaminedSource, pool: Pool): Promise<readonly Check[]> {
  let snapshot: SourceSnapshot;
  try {
    snapshot = await openUnlockedSnapshot(pool, LIMITS);
  } catch (error) {
    return [failedBy('source', 'identity', error)];
  }
  await snapshot.close();
  const { systemIdentifier, timeline } = snapshot.source;
  const identity = passed('source', 'identity', `system ${systemIdentifier}, timeline ${timeline}`);
  const manifest = ingestion && (await findNewestManifest(ingestion));
  return manifest ? [identity, checkHistory(manifest, snapshot)] : [identity];
}

// The checks of the lake report a manifest that cannot be read.
async function findNewestManifest(ingestion: Store): Promise<IngestionManifest | undefined> {
  try {
    const batch = await findNewestBatch(ingestion);
    return batch === 0 ? undefined : (await readIngestionManifest(ingestion, batch)).manifest;
  } catch {
    return undefined;
  }
}

function checkHistory(manifest: IngestionManifest, snapshot: SourceSnapshot): Check {
  const continuity = compareIdentity(manifest, snapshot);
  const subject = 'history';
  if (continuity === 'same')
    return passed('source', subject, `continues batch ${manifest.batch} of the ingestion lake`);
  if (continuity === 'behind') {
    const found = `the source is behind batch ${manifest.batch}: a standby that has not caught up`;
    return warned('source', subject, found, 'Ingest yields until it has caught up.');
  }
  const isOther =
    manifest.source.systemIdentifier !== snapshot.source.systemIdentifier ||
    manifest.source.databaseOid !== snapshot.source.databaseOid;
  const remedy =
    'Name the lakes of this source. If it was restored or moved, run the pipeline: it reads all rows again.';
  if (isOther) return failed('source', subject, 'the ingestion lake belongs to another source', remedy);
  return warned('source', subject, `the source has another history than batch ${manifest.batch} saw`, remedy);
}

async function examineHints(model: Model, pool: Pool): Promise<readonly Check[]> {
  const facts = await inTransaction(pool, ONE_SNAPSHOT, (connection) => readHintFacts(connection, model));
  return checkHints(model, facts).map(({ subject, fault, remedy }) =>
    fault === undefined
      ? passed('source', `hints: ${subject}`, 'as hints need it')
      : failed('source', `hints: ${subject}`, fault, remedy ?? 'Run: totesys hints check'),
  );
}
