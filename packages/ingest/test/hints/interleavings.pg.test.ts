import { type Cluster, until } from '@totesys/sandbox';
import { startHintedCluster } from '../../../source/test/hints/hinted-cluster.ts';
import { createHintedIngest, type HintedIngest } from './hinted-ingest.ts';
import { before, type Hook, hookPool } from './hooked-pool.ts';
import { HINTED_MODES } from './scenarios/scenario.ts';

/** Statements of a run, in their order: after the snapshot, of the flush, of the slot, and after the manifest. */
const PLACE = 'as next_id';
const FLUSHED = '>= $1::numeric as reached';
const PEEK = "copy (\n  select '0'::xid, 0, message";
const LOOK = 'from pg_replication_slots s,';
const ADVANCE = '"totesys_hints"."advance"';

let cluster: Cluster;

beforeAll(async () => {
  // Only a session that asks for it waits for a standby, and there is none.
  cluster = await startHintedCluster({ synchronous_standby_names: 'nobody', synchronous_commit: 'local' });
});

afterAll(() => cluster.stop());

describe.each(HINTED_MODES)('with HINTS=%s', (mode) => {
  let ingested: HintedIngest;
  let walWriter: number;

  beforeEach(async () => {
    ingested = await createHintedIngest(cluster, mode);
    await ingested.tick();
    await ingested.arm();
    const [writer] = await ingested.source.sql`select pid from pg_stat_activity where backend_type = 'walwriter'`;
    walWriter = writer!.pid;
  });

  afterEach(() => {
    process.kill(walWriter, 'SIGCONT');
    return ingested.close();
  });

  const edit = (id: number) =>
    ingested.source.run(`update currency set currency_code = 'EUR', last_updated = now() where currency_id = ${id}`);

  // A commit that the WAL writer has not flushed: it is stopped.
  async function editUnflushed(id: number): Promise<void> {
    process.kill(walWriter, 'SIGSTOP');
    await ingested.source.sql.begin(async (sql) => {
      await sql`set local synchronous_commit = off`;
      await sql`update currency set currency_code = 'OFF', last_updated = now() where currency_id = ${id}`;
    });
  }

  const tickWith = (...hooks: Hook[]) =>
    ingested.tick({
      source: hookPool(ingested.source.reader, (statement) => hooks.map((hook) => hook(statement)).find(Boolean)),
    });

  const changed = (...keys: number[]) => ({ refused: undefined, changes: { currency: keys } });

  async function expectNoMiss(tick: Promise<{ metrics: Readonly<Record<string, number>> }>, expected: object) {
    const { metrics, ...rest } = await tick;
    expect({ ...rest, missed: metrics.HintsMissed ?? 0 }).toMatchObject({ ...expected, missed: 0 });
  }

  test('a transaction that commits after the snapshot and before the position is in the next hint', async () => {
    await edit(1);
    await expectNoMiss(tickWith(before(PLACE, () => edit(2))), changed(1));
    await expectNoMiss(ingested.tick(), changed(2));
  });

  test('so is one that commits while the slot is read, and one while it is advanced', async () => {
    await edit(1);
    await expectNoMiss(
      tickWith(
        before(PEEK, () => edit(2)),
        before(ADVANCE, () => edit(3)),
      ),
      changed(1),
    );
    await expectNoMiss(ingested.tick(), changed(2, 3));
  });

  test('a run waits until all that its snapshot shows is flushed', async () => {
    await editUnflushed(1);
    const go = async () => void process.kill(walWriter, 'SIGCONT');
    await expectNoMiss(tickWith(before(FLUSHED, go, 2)), changed(1));
  });

  test('a commit that is not flushed when the slot is read is in the next hint, although it is flushed before the advance', async () => {
    await edit(1);
    await expectNoMiss(
      tickWith(
        before(PLACE, () => editUnflushed(2)),
        before(ADVANCE, () => edit(3)),
      ),
      changed(1),
    );
    process.kill(walWriter, 'SIGCONT');
    await expectNoMiss(ingested.tick(), changed(2, 3));
  });

  test.each([
    ['is dropped before it is read', PEEK, 1, [drop()], 'peek-failed'],
    ['is replaced before it is read', PEEK, 1, [drop(), create()], 'no-position'],
    ['is replaced after it is read', LOOK, 2, [drop(), create()], 'no-position'],
    ['is dropped after it is read', LOOK, 2, [drop()], 'not-set-up'],
    ['is advanced before it is read', PEEK, 1, [advance()], 'no-position'],
    ['is advanced after it is read', LOOK, 2, [advance()], 'no-position'],
  ])('if the slot %s, the run scans', async (_name, text, nth, statements, refused) => {
    await edit(1);
    await expectNoMiss(tickWith(before(text, () => ingested.source.run(...statements), nth)), {
      refused,
      changes: { currency: [1] },
    });
  });

  test('if the publication changes after the snapshot, the next run scans', async () => {
    await edit(1);
    const change = async () => {
      await ingested.source.run('alter publication totesys_hints drop table currency');
      await edit(2);
      await ingested.source.run('alter publication totesys_hints add table currency (currency_id)');
    };
    await expectNoMiss(tickWith(before(PLACE, change)), changed(1));
    await expectNoMiss(ingested.tick(), { refused: 'publication-changed', changes: { currency: [2] } });
    await edit(3);
    await expectNoMiss(ingested.tick(), changed(3));
  });

  test('a commit that waits for a synchronous standby is in the hint of the run that sees it', async () => {
    const writer = await ingested.source.sql.reserve();
    const [{ pid } = {}] = await writer`select pg_backend_pid() as pid`;
    await writer`begin`;
    await writer`set local synchronous_commit = on`;
    await writer`update currency set currency_code = 'SYN' where currency_id = 1`;
    const committed = writer`commit`.execute();
    await until('a commit that waits for a standby', async () => {
      const rows = await ingested.source
        .sql`select from pg_stat_activity where pid = ${pid} and wait_event = 'SyncRep'`;
      return rows.length > 0;
    });
    await expectNoMiss(ingested.tick(), { refused: undefined, changes: {} });
    await ingested.source.sql`select pg_cancel_backend(${pid})`;
    await committed;
    writer.release();
    await expectNoMiss(ingested.tick(), changed(1));
  });
});

function drop(): string {
  return "select pg_drop_replication_slot('totesys_hints')";
}

function create(): string {
  return "select pg_create_logical_replication_slot('totesys_hints', 'pgoutput')";
}

function advance(): string {
  return "select pg_replication_slot_advance('totesys_hints', pg_current_wal_flush_lsn())";
}
