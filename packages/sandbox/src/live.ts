import { en, Faker } from '@faker-js/faker';
import type { Connection, Sql } from '@totesys/runtime';
import * as changes from './changes.ts';

/** One change of a simulated source. */
export interface LifeStep {
  readonly step: number;
  readonly event: LifeEvent;
  readonly change: changes.Change;
}

/** The options of a simulated source: the same seed makes the same changes to the same rows. */
export interface Life {
  readonly seed: number;
  readonly steps: number;
}

/** How many steps a transaction stays open. */
const OPEN_STEPS = 3;

const EVENTS = {
  'new order': changes.addOrder,
  'payments fall due': changes.payDuePayments,
  'unstamped edit': changes.unstampedEdit,
  'stamped edit': changes.stampedEdit,
  delete: changes.deleteOrder,
  'department moves': changes.moveDepartment,
  'address changes': changes.changePhone,
  'row under a savepoint': changes.rowUnderSavepoint,
} satisfies Record<string, (sql: Connection, faker: Faker) => Promise<changes.Change>>;

/** The name of a change. */
export type LifeEvent = keyof typeof EVENTS | typeof OPENS | typeof COMMITS;
const OPENS = 'transaction stays open';
const COMMITS = 'open transaction commits';

/**
 * Changes a source step by step: new orders, due payments, edits that leave `last_updated` as it is, deletes,
 * departments that move, rows written under savepoints, and transactions that stay open for some steps. Yields each
 * step after it has happened; transactions that are open at the end are committed then. The pool must allow two
 * connections.
 */
export async function* live(sql: Sql, { seed, steps }: Life): AsyncGenerator<LifeStep> {
  const faker = new Faker({ locale: en, seed });
  const names = [...(Object.keys(EVENTS) as (keyof typeof EVENTS)[]), OPENS] as const;
  let open: { readonly until: number; readonly change: changes.OpenChange } | undefined;
  try {
    for (let step = 0; step < steps; step++) {
      if (open !== undefined && open.until <= step) {
        const { commit, ...change } = open.change;
        open = undefined;
        await commit();
        yield { step, event: COMMITS, change };
        continue;
      }
      const event = faker.helpers.arrayElement(open === undefined ? names : names.slice(0, -1));
      if (event === OPENS) {
        const { commit, ...change } = await changes.lateCommit(sql, faker);
        open = { until: step + OPEN_STEPS, change: { ...change, commit } };
        yield { step, event, change };
      } else {
        yield {
          step,
          event,
          change: await sql.begin((transaction) => EVENTS[event as keyof typeof EVENTS](transaction, faker)),
        };
      }
    }
  } finally {
    await open?.change.commit();
  }
}
