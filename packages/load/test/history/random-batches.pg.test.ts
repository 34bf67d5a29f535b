import { KeySet, writeDiscard } from '@totesys/lake';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';
import type { BatchSpec, Row } from '../processed-batch.ts';
import { copyStar, expectAsOf, type StarCopy } from './star-copies.ts';

const ROUNDS = 20;
const BLOCKED = { sales_order: { rows: 300, quarantined: 200 } };

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

/** Numbers from 0 to `below`, the same for the same seed (mulberry32). */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

// Few ids and few values: rows repeat, states return, and orders come before the staff that they refer to.
class Life {
  readonly random: (below: number) => number;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.random(most + 1) }, make);
  }

  staff = (): Row => ({ staff_id: 1 + this.random(14), first_name: 'AB'[this.random(2)]! });

  transaction = (): Row => ({ transaction_id: 1 + this.random(5), sales_order_id: this.random(2) || null });

  order = (): Row =>
    order(1 + this.random(12), { units_sold: 1 + this.random(3), sales_staff_id: 1 + this.random(14) });

  batch(): BatchSpec {
    const rows = {
      dim_date: distinct(
        'date_id',
        this.some(2, () => ({ date_id: 1 + this.random(20) })),
      ),
      dim_staff: distinct('staff_id', this.some(3, this.staff)),
      dim_transaction: distinct('transaction_id', this.some(2, this.transaction)),
      fact_sales_order: distinct('sales_order_id', this.some(4, this.order)),
    };
    const kept = new Set(rows.fact_sales_order.map((row) => row.sales_order_id));
    const deleted = new Set(this.some(2, () => 1 + this.random(12)).filter((id) => !kept.has(id)));
    return { rows, deleted: { fact_sales_order: [...deleted] } };
  }
}

const distinct = (key: string, rows: readonly Row[]) => [...new Map(rows.map((row) => [row[key], row])).values()];

/** What happened in all lives. */
const seen = { held: 0, groups: 0, discards: 0, deletions: 0 };

// Held facts, deletions, returns, groups that a later batch ends, discards: whatever comes later, the past stays.
test.each([1, 2, 3, 4, 5, 6])(
  'each state that the warehouse showed is read as of its batch (seed %i)',
  async (seed) => {
    const life = new Life(seed);
    const copies: StarCopy[] = [];
    await warehouse.bring({ rows: dimensions });
    for (let round = 1; round <= ROUNDS; round++) {
      const isBlocked = life.random(5) === 0;
      const [first, last] = [1_000 * round, 1_000 * round + 199];
      const spec = life.batch();
      const leftOut = { leftOut: { sales_order: [[first, last] as const] }, counts: BLOCKED };
      await warehouse.write(isBlocked ? { ...spec, ...leftOut } : spec);
      if (isBlocked) {
        await expect(warehouse.run()).rejects.toMatchObject({ code: 'QUARANTINE_THRESHOLD' });
        if (life.random(2) === 0) {
          const corrected = life.batch();
          const ids = Array.from({ length: last - first + 1 }, (_, i) => first + i);
          await warehouse.write({ ...corrected, deleted: { fact_sales_order: ids } });
          seen.groups++;
        } else {
          const keys = KeySet.of([[first, last]]);
          await writeDiscard(warehouse.store, { table: 'sales_order', through: 1_000, keys });
          seen.discards++;
        }
      }
      seen.held += (await warehouse.run()).held;
      seen.deletions += (spec.deleted?.fact_sales_order ?? []).length;
      copies.push(await copyStar(warehouse.database));
    }
    await expectAsOf(warehouse.database, copies);
  },
);

test('the lives had facts that were held and deleted, groups and discards', () => {
  for (const [what, count] of Object.entries(seen)) expect({ what, isSeen: count > 0 }).toEqual({ what, isSeen: true });
});
