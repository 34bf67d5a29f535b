import { generalReason, type KeySet, KeySetBuilder, type OpenKeys } from '@totesys/lake';
import { describeRule } from './describe-rule.ts';
import type { Lakes } from './find-open-quarantine.ts';
import { readQuarantined } from './read-quarantined.ts';

/** Batches that are read at the same time. */
const AHEAD = 8;

/** Rows in quarantine for the same reason. */
export interface QuarantineGroup {
  readonly table: string;
  readonly column: string;
  readonly reason: string;
  readonly rule: string;
  readonly keys: KeySet;
  readonly batches: { readonly first: number; readonly last: number };
  /** The time on the clock of the source when the first of these rows was read. */
  readonly since: string;
}

/** Groups the quarantined rows by table, column and reason, without values. */
export async function groupQuarantined(lakes: Lakes, open: OpenKeys): Promise<QuarantineGroup[]> {
  const groups = new Map<string, GroupBuilder>();
  const entries = [...open.entries()];
  for (let at = 0; at < entries.length; at += AHEAD) {
    await Promise.all(
      entries.slice(at, at + AHEAD).map(async ([table, batch, keys]) => {
        for await (const value of readQuarantined(lakes, table, batch, keys)) {
          const { column } = value;
          const reason = generalReason(value);
          const name = JSON.stringify([table, column, reason, value.warehouseTable]);
          const group = groups.get(name) ?? new GroupBuilder(table, column, reason, describeRule(lakes.model, value));
          groups.set(name, group);
          group.add(value.key, batch, value.sourceClock);
        }
      }),
    );
  }
  return [...groups.values()].map((group) => group.build()).sort(byName);
}

class GroupBuilder {
  readonly #named: Pick<QuarantineGroup, 'table' | 'column' | 'reason' | 'rule'>;
  readonly #keys = new KeySetBuilder();
  #first = Number.POSITIVE_INFINITY;
  #last = 0;
  #since = '';

  constructor(table: string, column: string, reason: string, rule: string) {
    this.#named = { table, column, reason, rule };
  }

  add(key: number, batch: number, sourceClock: string): void {
    this.#keys.add(key);
    this.#last = Math.max(this.#last, batch);
    if (batch >= this.#first) return;
    this.#first = batch;
    this.#since = sourceClock;
  }

  build(): QuarantineGroup {
    const batches = { first: this.#first, last: this.#last };
    return { ...this.#named, keys: this.#keys.build(), batches, since: this.#since };
  }
}

function byName(one: QuarantineGroup, other: QuarantineGroup): number {
  const [a, b] = [one, other].map(({ table, column, reason }) => `${table}\u0000${column}\u0000${reason}`);
  return a! < b! ? -1 : 1;
}
