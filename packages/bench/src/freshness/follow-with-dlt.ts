import { DLT_SCHEMA, DLT_VERSION, dltProgram, installDlt } from '../peers/dlt.ts';
import type { Follower } from './follower.ts';
import { FIRST_MARK } from './operation-kinds.ts';
import { readMarks } from './read-marks.ts';

/** dlt creates its tables together, at the end of its first load. */
const LAST_TABLE = `${DLT_SCHEMA}.payment`;

/** dlt with its incremental loading: each run merges the rows whose `last_updated` is higher than before. */
export const dltLoop: Follower = {
  name: 'dlt, incremental',
  version: DLT_VERSION,
  arrival: 'committed in the copy of its table',
  finds: ({ isStamped }) => isStamped,
  async prepare() {
    const python = await installDlt();
    if (typeof python !== 'string') return python;
    return {
      program: async (job) => {
        const keyed = job.tables.map(({ name, key }) => `${name}=${key.join()}`);
        return dltProgram(job, [python, 'src/freshness/repeat_with_dlt.py'], keyed);
      },
      readArrivals: (_, target) => readMarks(target, LAST_TABLE, { text: MARKS, parameters: [FIRST_MARK] }),
    };
  },
};

const MARKS = `
  select units_sold as mark, xmin as xid from ${DLT_SCHEMA}.sales_order where units_sold >= $1::int
  union all
  select item_quantity, xmin from ${DLT_SCHEMA}.purchase_order where item_quantity >= $1
  union all
  select payment_amount::int, xmin from ${DLT_SCHEMA}.payment where payment_amount >= $1
  union all
  select substr(design_name, 6)::int, xmin from ${DLT_SCHEMA}.design where design_name like 'mark %'`;
