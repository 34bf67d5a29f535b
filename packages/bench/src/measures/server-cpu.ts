import { connect, query } from '@totesys/runtime';
import { parentOf, treeCpuSeconds } from './process-tree.ts';

/** Reads the CPU seconds that a Postgres server has used since its start; undefined if they cannot be read. */
export type ReadServerCpu = () => number | undefined;

/** Returns a reader of the CPU time of the server at `url`, which must run on this machine. */
export async function watchServerCpu(url: string): Promise<ReadServerCpu> {
  const sql = await connect(url, { subject: 'source', connections: 1, applicationName: 'totesys-bench' });
  try {
    const [row] = await query<{ pid: number }>(sql, { text: 'select pg_backend_pid() as pid' });
    const postmaster = parentOf(row!.pid);
    return () => (postmaster === undefined ? undefined : treeCpuSeconds(postmaster));
  } finally {
    await sql.end();
  }
}
