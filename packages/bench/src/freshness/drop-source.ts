import { execute } from '@totesys/runtime';
import type { Cluster } from '@totesys/sandbox';
import { connectTo } from '../measures/bench-context.ts';
import { databaseName } from '../source/libpq.ts';

/** Drops a copy of the source, and first its replication slots: the server drops no database whose slot is in use. */
export async function dropSource(cluster: Cluster, sourceUrl: string): Promise<void> {
  const administrator = await connectTo(cluster.url('postgres'));
  try {
    const name = databaseName(sourceUrl);
    await execute(administrator, { text: DROP_SLOTS, parameters: [name] });
    await cluster.dropDatabase(name);
  } finally {
    await administrator.end();
  }
}

// A process that was stopped a moment ago may still use its slot.
const DROP_SLOTS = `
  select pg_terminate_backend(active_pid, 5000), pg_drop_replication_slot(slot_name)
    from pg_replication_slots where database = $1`;
