import type { Runner } from './driver.ts';
import { query } from './query.ts';
import { SqlState, sqlStateOf } from './sql-state.ts';

/** Settings of every transaction that only newer servers have. */
const NEWER_SETTINGS: Readonly<Record<string, string>> = {
  // From Postgres 17 on. A snapshot stays open for as long as its batch takes.
  transaction_timeout: '0',
  // From Postgres 14 on. How often the server checks the client of a running statement: milliseconds, one poll of a
  // socket.
  client_connection_check_interval: '5000',
};

interface Setting {
  readonly name: string;
  readonly setting: string;
}

/**
 * Proves by a first query that a pool works, and returns the settings that its server accepts. On a server that cannot
 * detect a killed client, the client's statement runs to its end.
 */
export async function findNewerSettings(pool: Runner): Promise<Readonly<Record<string, string>>> {
  try {
    return await find(pool, NEWER_SETTINGS);
  } catch (error) {
    // The server's operating system cannot detect a closed socket.
    if (sqlStateOf(error) !== SqlState.invalidParameterValue) throw error;
    const { client_connection_check_interval: _, ...others } = NEWER_SETTINGS;
    return find(pool, others);
  }
}

// An unknown setting would fail the transaction, so only those that current_setting() knows are set. The statement is
// its own transaction, and its names are qualified: the search path is not set yet.
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
