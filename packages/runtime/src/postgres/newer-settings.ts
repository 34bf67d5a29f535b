import type { Runner } from './driver.ts';
import { query } from './query.ts';
import { SqlState, sqlStateOf } from './sql-state.ts';

/** What a transaction of ours rests on beside what every server knows: names, and what they are to be. */
const NEWER_SETTINGS: Readonly<Record<string, string>> = {
  // From Postgres 17 on. A snapshot stays open for as long as its batch takes, whatever its role or its database is set to.
  transaction_timeout: '0',
  // From Postgres 14 on. How often the server looks whether the client of a statement is still there, in milliseconds: one poll of a socket.
  client_connection_check_interval: '5000',
};

interface Setting {
  readonly name: string;
  readonly setting: string;
}

/**
 * Proves by a first query that a pool works, and returns the settings that its server takes. Where the server cannot see that a client
 * was killed, its statement goes on to its end.
 */
export async function findNewerSettings(pool: Runner): Promise<Readonly<Record<string, string>>> {
  try {
    return await find(pool, NEWER_SETTINGS);
  } catch (error) {
    // A server that runs where a closed socket cannot be seen.
    if (sqlStateOf(error) !== SqlState.invalidParameterValue) throw error;
    const { client_connection_check_interval: _, ...others } = NEWER_SETTINGS;
    return find(pool, others);
  }
}

// In a transaction a setting that the server does not know would be the end of it, so it is asked for by name first. The statement is a
// transaction of its own, and its names are whole: nothing is pinned yet.
async function find(
  pool: Runner,
  settings: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const text = `select name, setting, pg_catalog.set_config(name, setting, true)
       from pg_catalog.json_each_text($1::pg_catalog.text::pg_catalog.json) as wanted (name, setting)
      where pg_catalog.current_setting(name, true) is not null`;
  const known = await query<Setting>(pool, { text, parameters: [JSON.stringify(settings)] });
  return Object.fromEntries(known.map(({ name, setting }) => [name, setting]));
}
