import { setTimeout as delay } from 'node:timers/promises';
import { openDatabase } from './stage-run.ts';

const RESTART_LIMIT_MS = 30_000;
const RESTART_STEP_MS = 50;

/** Kills one session by SIGKILL: Postgres then ends all others, recovers from its WAL and starts again. */
export async function crashServer(url: string): Promise<void> {
  const sql = await openDatabase(url, 'source');
  const [session] = await sql`select pg_backend_pid() as pid`;
  process.kill(session!.pid, 'SIGKILL');
  await sql.end({ timeout: 0 });
}

/** Waits until the server takes connections. */
export async function waitForServer(url: string): Promise<void> {
  const limit = Date.now() + RESTART_LIMIT_MS;
  for (;;) {
    try {
      const sql = await openDatabase(url, 'source');
      return await sql.end();
    } catch (error) {
      if (Date.now() > limit) throw error;
      await delay(RESTART_STEP_MS);
    }
  }
}
