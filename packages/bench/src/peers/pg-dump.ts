import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findFullPostgres } from '@totesys/sandbox';
import { databaseName, libpqVariables } from '../source/libpq.ts';
import { checkTarget } from './check-target.ts';
import type { Peer } from './peer.ts';

/** pg_dump refuses a server that is newer than itself. */
const LEAST_VERSION = 18;

/** Not a mover of changes, but what Postgres itself offers: schema, rows, then keys and indexes. */
const SCRIPT = '"$1/pg_dump" --no-owner --dbname="$2" | "$1/psql" -X -q -v ON_ERROR_STOP=1 --dbname="$3"';

/** `pg_dump | psql`. */
export const pgDump: Peer = {
  name: 'pg_dump | psql',
  version: `${LEAST_VERSION} or newer`,
  group: 'moved into Postgres',
  async prepare() {
    const folder = await findFullPostgres({ atLeast: LEAST_VERSION }).catch((error) => ({ missing: error.message }));
    if (typeof folder !== 'string') return folder;
    const lacking = ['pg_dump', 'psql'].filter((name) => !existsSync(join(folder, name)));
    if (lacking.length > 0) return { missing: `${folder} has no ${lacking.join(' and no ')}` };
    const { stdout } = await promisify(execFile)(join(folder, 'pg_dump'), ['--version']);
    return {
      version: /[\d.]+/.exec(stdout)?.[0] ?? stdout.trim(),
      program: async ({ sourceUrl, targetUrl }) => ({
        command: ['/bin/sh', '-c', SCRIPT, 'sh', folder, databaseName(sourceUrl), databaseName(targetUrl)],
        environment: libpqVariables(sourceUrl),
      }),
      check: (job) => checkTarget(job),
    };
  },
};
