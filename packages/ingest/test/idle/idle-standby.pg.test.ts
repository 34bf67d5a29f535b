import { connect } from '@totesys/runtime';
import { startCluster, until } from '@totesys/sandbox';
import type { RunMemory } from '../../src/ingest.ts';
import { createQuietSource, QUIET } from './quiet-server.ts';

test('on a standby, whose snapshots do not list the transactions of its primary, every run scans', async () => {
  const primary = await startCluster({ settings: QUIET });
  const totesys = await createQuietSource(primary);
  const standby = await startCluster({ settings: QUIET, backup: await primary.backUp(), standbyOf: primary });
  const url = standby.url('totesys');
  const source = await connect(url, { subject: 'source', connections: 4, applicationName: 'test' });
  try {
    const caughtUp = async () => {
      const [{ position } = {}] = await totesys.database.sql`select pg_current_wal_lsn()::text as position`;
      await until(`the standby at ${position}`, async () => {
        const [row] = await source`select pg_last_wal_replay_lsn() >= ${position}::pg_lsn as is_there`;
        return row!.is_there;
      });
    };
    const memory: RunMemory = {};
    const run = () => totesys.run({ memory, source });
    await totesys.database.sql`select pg_current_xact_id()`;
    await caughtUp();
    expect(await run()).toMatchObject({ outcome: 'committed', batch: 1 });
    expect(await run()).toMatchObject({ outcome: 'unchanged' });
    expect(memory.settled).toBeUndefined();
    await totesys.database.sql`update sales_order set units_sold = 7 where sales_order_id = 42`;
    await caughtUp();
    expect(await run()).toMatchObject({ outcome: 'committed', rows: 1 });
  } finally {
    await source.end();
    await standby.stop();
    await totesys.close();
    await primary.stop();
  }
});
