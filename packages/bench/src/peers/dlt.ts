import { join } from 'node:path';
import { installPython } from '@totesys/sandbox';
import { PACKAGE } from '../programs.ts';
import { checkTarget } from './check-target.ts';
import type { Peer } from './peer.ts';

const VERSION = '1.31.0';
/** The schema into which dlt writes. */
const SCHEMA = 'moved';

/** dlt with the fastest of its backends that keeps the types: connectorx into Parquet, and ADBC into Postgres. */
export const dlt: Peer = {
  name: 'dlt',
  version: VERSION,
  group: 'moved into Postgres',
  async prepare() {
    const python = await installPython({
      name: 'dlt',
      version: VERSION,
      packages: [
        `dlt[postgres]==${VERSION}`,
        'adbc-driver-postgresql==1.13.0',
        'connectorx==0.4.6',
        'pyarrow==26.0.1',
        'sqlalchemy==2.1.9',
      ],
    });
    if (typeof python !== 'string') return python;
    return {
      program: async ({ sourceUrl, targetUrl, folder, tables }) => ({
        command: [python, join(PACKAGE, 'src/peers/move_with_dlt.py'), SCHEMA, ...tables.map(({ name }) => name)],
        environment: {
          SOURCE_URL: sourceUrl,
          TARGET_URL: targetUrl,
          DLT_DATA_DIR: folder,
          RUNTIME__DLTHUB_TELEMETRY: 'false',
          RUNTIME__LOG_LEVEL: 'ERROR',
        },
      }),
      check: (job) => checkTarget(job, SCHEMA),
    };
  },
};
