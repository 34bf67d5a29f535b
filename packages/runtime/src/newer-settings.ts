import type postgres from 'postgres';
import { SqlState, sqlStateOf } from './sql-state.ts';

/** What a session of ours rests on beside what every server knows: names, and what they are to be. */
const NEWER_SETTINGS = {
  // From Postgres 17 on. A snapshot stays open for as long as its batch takes, whatever its role or its database is set to.
  transaction_timeout: '0',
  // From Postgres 14 on. How often the server looks whether the client of a statement is still there, in milliseconds: one poll of a socket.
  client_connection_check_interval: '5000',
};

type Pool = Pick<postgres.Sql, 'unsafe' | 'options'>;

/**
 * Proves by one query that a pool works, and by the same query makes the settings that the server knows; the pool's later sessions make
 * them as they start. Where the server cannot see that a client was killed, its statement goes on to its end.
 */
export async function applyNewerSettings(sql: Pool): Promise<void> {
  try {
    await apply(sql, NEWER_SETTINGS);
  } catch (error) {
    // A server that runs where a closed socket cannot be seen.
    if (sqlStateOf(error) !== SqlState.invalidParameterValue) throw error;
    const { client_connection_check_interval: _, ...others } = NEWER_SETTINGS;
    await apply(sql, others);
  }
}

async function apply(sql: Pool, settings: Readonly<Record<string, string>>): Promise<void> {
  const known = await sql.unsafe(
    `select name, setting, set_config(name, setting, false)
       from json_each_text($1::text::json) as wanted (name, setting)
      where current_setting(name, true) is not null`,
    [JSON.stringify(settings)],
  );
  // In a session's first message a setting that the server does not know would be the end of it.
  for (const { name, setting } of known) Object.assign(sql.options.connection, { [name]: setting });
}
