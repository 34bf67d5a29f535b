import type { Sql } from '@totesys/runtime';
import { eachHintedIngest } from './hinted-ingest.ts';
import { findDifferences, LakeState, readSourceRows } from './scenarios/compare-lake.ts';

interface Open {
  readonly session: Awaited<ReturnType<Sql['reserve']>>;
  savepoints: number;
}

const SEEDS = [1, 2];
const STEPS = 90;
const TABLES = ['currency', 'design', 'address', 'department'] as const;
const TEXTS = { currency: 'currency_code', design: 'design_name', address: 'city', department: 'location' };

/** Returns numbers from 0 to below 1 that depend on the seed alone (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A writer of random changes in sessions that stay open for some steps; it never waits for a lock. */
class Writer {
  readonly #sql: Sql;
  readonly #random: () => number;
  readonly #open: Open[] = [];
  #next = 1000;

  constructor(sql: Sql, seed: number) {
    this.#sql = sql;
    this.#random = randomOf(seed);
  }

  async step(): Promise<void> {
    const open = this.#open[Math.floor(this.#random() * 4)];
    if (!open) {
      if (this.#open.length < 3 && this.#random() < 0.3) await this.begin();
      else await this.#sql.unsafe(this.change());
      return;
    }
    const act = this.#random();
    if (act < 0.5) await open.session.unsafe(this.change());
    else if (act < 0.65) await open.session.unsafe(`savepoint s${++open.savepoints}`);
    else if (act < 0.75 && open.savepoints > 0)
      await open.session.unsafe(`rollback to savepoint s${open.savepoints--}`);
    else await this.end(open, this.#random() < 0.8 ? 'commit' : 'rollback');
  }

  async endAll(): Promise<void> {
    for (const open of [...this.#open]) await this.end(open, 'commit');
  }

  private async begin(): Promise<void> {
    const session = await this.#sql.reserve();
    await session.unsafe('begin');
    this.#open.push({ session, savepoints: 0 });
  }

  private async end(open: Open, how: 'commit' | 'rollback'): Promise<void> {
    await open.session.unsafe(how);
    open.session.release();
    this.#open.splice(this.#open.indexOf(open), 1);
  }

  // Rows that another session has locked are skipped.
  private change(): string {
    const table = TABLES[Math.floor(this.#random() * TABLES.length)]!;
    const [key, text] = [`${table}_id`, TEXTS[table]];
    const from = Math.floor(this.#random() * 40);
    const some = (most: number) =>
      `select ${key} from ${table} order by (${key} * 7919 + ${from}) % 41, ${key} limit ${most} for update skip locked`;
    const fresh = this.#next++;
    switch (Math.floor(this.#random() * 7)) {
      case 0:
        return `with t as (${some(1)}) insert into ${table} select (fresh.row).* from (
                  select jsonb_populate_record(r, jsonb_build_object('${key}', ${fresh})) as row
                    from ${table} r where ${key} = (select ${key} from t)) fresh`;
      case 1:
        return table === 'address'
          ? `update address set city = 'c${fresh}' where address_id in (${some(3)})`
          : `delete from ${table} where ${key} in (${some(1)}) and (select count(*) from ${table}) > 3`;
      case 2:
        return table === 'address'
          ? `update address set phone = '${fresh}' where address_id in (${some(1)})`
          : `update ${table} set ${key} = ${fresh} where ${key} in (${some(1)})`;
      case 3:
        return table === 'address'
          ? `update address set district = 'd${fresh}' where address_id in (${some(2)})`
          : `do $$ declare a int; b int; begin
               select min(k), max(k) into a, b from (select ${key} as k from (${some(2)}) t) t;
               if a = b or a is null then return; end if;
               update ${table} set ${key} = -1 where ${key} = a;
               update ${table} set ${key} = a where ${key} = b;
               update ${table} set ${key} = b where ${key} = -1;
             end $$`;
      default:
        return `update ${table} set ${text} = '${fresh % 1000}' where ${key} in (${some(4)})`;
    }
  }
}

const hinted = eachHintedIngest('slot');

test.each(SEEDS)('after each of many runs beside open writers the lake equals the source, seed %i', async (seed) => {
  const { ingested } = hinted;
  await ingested.arm();
  const writer = new Writer(ingested.source.sql, seed);
  const lake = new LakeState(ingested.store);
  const reasons: Record<string, number> = {};
  const random = randomOf(seed + 1000);
  const check = async (options = {}) => {
    const { refused = 'followed', metrics } = await ingested.tick(options);
    reasons[refused] = (reasons[refused] ?? 0) + 1;
    expect(metrics.HintsMissed ?? 0).toBe(0);
    const { batch } = await ingested.newest();
    expect(findDifferences(await lake.read(batch), await readSourceRows(ingested.source.sql))).toEqual([]);
  };
  try {
    for (let step = 0; step < STEPS; step++) {
      await writer.step();
      if (random() < 0.4) await check();
    }
  } finally {
    await writer.endAll();
  }
  await check();
  // Everything was carried once: the scan of all changes since the first run finds nothing.
  await check({ auditMs: 0 });
  const { parts, deleted } = await ingested.newest();
  expect({ parts, deleted }).toEqual({ parts: [], deleted: [] });
  const { followed = 0, audit = 0, ...others } = reasons;
  expect(audit).toBe(1);
  expect(followed).toBeGreaterThan(Object.values(others).reduce((sum, count) => sum + count, 0));
});
