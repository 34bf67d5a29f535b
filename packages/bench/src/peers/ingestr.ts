import { dirname, join } from 'node:path';
import { installPython } from '@totesys/sandbox';
import { checkTarget } from './check-target.ts';
import type { Peer } from './peer.ts';

// The newest version whose program is in a wheel; later ones download it from elsewhere.
const VERSION = '1.1.22';

/** One run for each table, since a run moves one; the first that fails ends the script. */
const SCRIPT = `
program=$1
shift
for table; do
  "$program" ingest --yes --progress log --no-load-timestamp \\
    --source-table "public.$table" --dest-table "public.$table" || exit
done`;

/** ingestr, with its replace strategy. */
export const ingestr: Peer = {
  name: 'ingestr',
  version: VERSION,
  group: 'moved into Postgres',
  async prepare() {
    const python = await installPython({ name: 'ingestr', version: VERSION, packages: [`ingestr==${VERSION}`] });
    if (typeof python !== 'string') return python;
    const program = join(dirname(python), 'ingestr');
    const uri = (url: string) => `${url.replace('postgres://', 'postgresql://')}?sslmode=disable`;
    return {
      program: async ({ sourceUrl, targetUrl, tables }) => ({
        command: ['/bin/sh', '-c', SCRIPT, 'sh', program, ...tables.map(({ name }) => name)],
        environment: {
          INGESTR_SOURCE_URI: uri(sourceUrl),
          INGESTR_DESTINATION_URI: uri(targetUrl),
          INGESTR_DISABLE_TELEMETRY: 'true',
        },
      }),
      check: (job) => checkTarget(job),
    };
  },
};
