import { en, Faker } from '@faker-js/faker';
import type { Connection, Sql } from '@totesys/runtime';
import * as changes from './changes.ts';

/** One thing that happened in a living source. */
export interface LifeStep {
  readonly step: number;
  readonly event: LifeEvent;
  readonly change: changes.Change;
}

/** How a source lives: the same seed and the same rows to begin with, the same life. */
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

/** What happens in a source, by name. */
export type LifeEvent = keyof typeof EVENTS | typeof OPENS | typeof COMMITS;
const OPENS = 'transaction stays open';
const COMMITS = 'open transaction commits';

/**
 * Lives: new orders, payments falling due, edits that leave `last_updated` alone, deletes, a department that moves, rows under savepoints,
 * transactions that stay open for some steps and commit later. Gives each step once it has happened; what is still open at the end commits
 * then. Needs two connections.
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
