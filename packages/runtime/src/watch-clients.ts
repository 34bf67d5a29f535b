import type postgres from 'postgres';

/** How often the server looks whether the client of a statement is still there: one poll of a socket, in milliseconds. */
const LOOK_MS = 5_000;
/** What a server answers that runs where a closed socket cannot be seen: invalid_parameter_value. */
const REFUSED = '22023';

/**
 * Proves by one query that a pool works, and by the same query asks the server to end a statement whose client was killed; the pool's later
 * sessions ask as they start. Postgres 13 does not know the setting and some platforms refuse it: there such a statement goes on to its end.
 */
export async function watchClients(sql: Pick<postgres.Sql, 'unsafe' | 'options'>): Promise<void> {
  try {
    const set = await sql.unsafe(
      `select set_config('client_connection_check_interval', '${LOOK_MS}', false)
        where current_setting('client_connection_check_interval', true) is not null`,
    );
    // In a session's first message a setting that the server does not know would be the end of it.
    if (set.length > 0) Object.assign(sql.options.connection, { client_connection_check_interval: LOOK_MS });
  } catch (error) {
    if ((error as { code?: string }).code !== REFUSED) throw error;
  }
}
