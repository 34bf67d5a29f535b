import { CODE_VERSION } from '@totesys/cli';
import type { Sql } from '@totesys/runtime';
import { runProcess } from '../measures/run-process.ts';
import type { Job } from '../peers/peer.ts';
import { prove, totesysProgram } from '../peers/totesys.ts';
import { runScript } from '../source/run-script.ts';
import type { Arrivals, Follower } from './follower.ts';
import { FIRST_MARK } from './operation-kinds.ts';
import type { Performed } from './perform-operations.ts';
import { readMarks } from './read-marks.ts';

/** The interval of the runs, as `--every` takes it. */
export const INTERVAL = '1s';
const SET_UP_LIMIT_MS = 60_000;

/** Returns this product as a follower, with a mode of change hints. */
export function totesysEvery(hints: string): Follower {
  const options = hints === 'off' ? [] : ['--hints', hints];
  return {
    name: ['totesys run --every', INTERVAL, ...options].join(' '),
    version: CODE_VERSION,
    arrival: 'committed in the star schema',
    finds: () => true,
    prepare: async () => ({
      ...(hints !== 'off' && { setUp: setUpHints }),
      program: async (job) => totesysProgram(job, 'run', '--every', INTERVAL, ...options),
      readArrivals,
      prove: async (job) => {
        const { faults, notes } = await prove(job, 'a star schema with foreign keys and history');
        return faults.length > 0 ? `WRONG: ${faults.join('; ')}` : notes.join('; ');
      },
    }),
  };
}

async function setUpHints(job: Job, source: Sql): Promise<void> {
  const { code, stdout, stderr } = await runProcess({
    ...totesysProgram(job, 'hints', 'setup'),
    limitMs: SET_UP_LIMIT_MS,
  });
  if (code !== 0) throw new Error(`totesys hints setup ended with ${code}: ${stderr}`);
  await runScript(source, stdout);
}

async function readArrivals(_: Job, warehouse: Sql, operations: readonly Performed[]): Promise<Arrivals> {
  const deletes = operations.filter(({ kind }) => kind.isDelete);
  const parameters = [FIRST_MARK, deletes.map(({ mark }) => mark), deletes.map(({ key }) => key)];
  return readMarks(warehouse, 'etl.ledger', { text: MARKS, parameters });
}

// Dimensions keep their latest values alone, and a department is in the rows of all its staff.
const MARKS = `
  select units_sold as mark, xmin as xid from fact_sales_order where units_sold >= $1::int
  union all
  select item_quantity, xmin from fact_purchase_orders where item_quantity >= $1
  union all
  select payment_amount::int, xmin from fact_payment where payment_amount >= $1
  union all
  select substr(design_name, 6)::int, xmin from dim_design where design_name like 'mark %'
  union all
  select substr(phone, 6)::int, xmin from dim_location where phone like 'mark %'
  union all
  select substr(location, 6)::int, xmin from dim_staff where location like 'mark %'
  union all
  select d.mark, e.xmin from unnest($2::int[], $3::int[]) d (mark, key)
    join etl.deletion e on e.fact = 'fact_sales_order' and e.id = d.key`;
