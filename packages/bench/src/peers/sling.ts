import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { installPython } from '@totesys/sandbox';
import { checkTarget } from './check-target.ts';
import type { Peer } from './peer.ts';
import { siteFile } from './site-file.ts';

// The newest version whose program is in a wheel; later ones download it from elsewhere.
const VERSION = '1.4.11';

/** Sling, with one stream for each table and full refresh. */
export const sling: Peer = {
  name: 'Sling',
  version: VERSION,
  group: 'moved into Postgres',
  async prepare() {
    if (process.platform !== 'linux' || process.arch !== 'x64')
      return { missing: `its wheel for ${process.platform} ${process.arch} was not tried` };
    const python = await installPython({
      name: 'sling',
      version: VERSION,
      packages: [`sling-linux-amd64==${VERSION}`],
    });
    if (typeof python !== 'string') return python;
    const program = await siteFile(dirname(dirname(python)), 'sling_linux_amd64/bin/sling-linux-amd64');
    return {
      program: async ({ sourceUrl, targetUrl, folder, tables }) => {
        const replication = join(folder, 'replication.json');
        await writeFile(
          replication,
          JSON.stringify({
            source: 'SOURCE',
            target: 'TARGET',
            defaults: { mode: 'full-refresh', object: 'public.{stream_table}' },
            streams: Object.fromEntries(tables.map(({ name }) => [`public.${name}`, {}])),
          }),
        );
        return {
          command: [program, 'run', '-r', replication],
          environment: {
            SOURCE: `${sourceUrl}?sslmode=disable`,
            TARGET: `${targetUrl}?sslmode=disable`,
            SLING_HOME_DIR: folder,
            SLING_DISABLE_TELEMETRY: 'TRUE',
          },
        };
      },
      check: (job) => checkTarget(job),
    };
  },
};
