import { describeError, type Sql } from '@totesys/runtime';
import type { HintedIngest } from '../hinted-ingest.ts';
import { findDifferences, LakeState, readSourceRows } from './compare-lake.ts';
import type { Scenario } from './scenario.ts';

/** Rows that a scenario may rely on: 1 to 20 of the tables that others refer to. */
const ROWS = `
  insert into currency (currency_id, currency_code, created_at, last_updated)
    select g, 'GBP', now(), now() from generate_series(1, 20) g on conflict do nothing;
  insert into design (design_id, design_name, file_location, file_name, created_at, last_updated)
    select g, 'name', '/a', 'b', now(), now() from generate_series(1, 20) g on conflict do nothing;
  insert into address (address_id, address_line_1, city, postal_code, country, phone, created_at, last_updated)
    select g, 'line', 'city', '0', 'country', '1', now(), now() from generate_series(1, 20) g on conflict do nothing;
  insert into counterparty (counterparty_id, counterparty_legal_name, legal_address_id, created_at, last_updated)
    select g, 'party', g, now(), now() from generate_series(1, 20) g on conflict do nothing`;

/**
 * Flushes the WAL of open transactions, which a server may otherwise keep in memory until the next commit: then a run
 * waits, and scans.
 */
const FLUSH = "select pg_logical_emit_message(true, 'flush', '')";

/** Plays scenarios one after another on one source. */
export class ScenarioPlayer {
  readonly #ingested: HintedIngest;
  readonly #lake: LakeState;

  constructor(ingested: HintedIngest) {
    this.#ingested = ingested;
    this.#lake = new LakeState(ingested.store);
  }

  /** Plays a scenario from armed hints on, and restores the source. */
  async play({ steps, restore = [] }: Scenario): Promise<void> {
    const { source } = this.#ingested;
    await source.run(ROWS);
    await this.#ingested.arm();
    const sessions = new Map<string, Awaited<ReturnType<Sql['reserve']>>>();
    try {
      for (const line of steps.trim().split('\n')) {
        const [, name, text] = /^\s*([\w ]+): (.+)$/.exec(line) ?? [];
        if (name === undefined || text === undefined) throw new Error(`'${line}' is no step of a scenario.`);
        if (name === 'owner') await source.run(text);
        else if (name === 'refused') await expect(source.run(text)).rejects.toThrow();
        else if (name.endsWith('tick')) {
          if (sessions.size > 0) await source.run(FLUSH);
          await this.tick(name, text);
        } else {
          if (!sessions.has(name)) sessions.set(name, await source.sql.reserve());
          await sessions.get(name)!.unsafe(text);
        }
      }
    } finally {
      for (const session of sessions.values()) {
        await session.unsafe('rollback');
        session.release();
      }
    }
    await source.run(...restore);
  }

  private async tick(kind: string, expected: string): Promise<void> {
    if (kind === 'failing tick') {
      const code = await this.#ingested.tick().then(
        () => 'it succeeds',
        (error) => describeError(error).code,
      );
      expect(code).toBe(expected);
      return;
    }
    const { result, refused = 'trusted', metrics } = await this.#ingested.tick();
    const verdicts = expected.split(' or ');
    expect({
      outcome: result.outcome,
      hint: verdicts.includes(refused) ? expected : refused,
      missed: metrics.HintsMissed ?? 0,
      differences: await this.findDifferences(),
    }).toEqual({
      outcome: kind === 'quiet tick' ? 'unchanged' : 'committed',
      hint: expected,
      missed: 0,
      differences: [],
    });
  }

  /** Returns a line for each row that the lake has otherwise than the source. */
  async findDifferences(): Promise<string[]> {
    const { batch } = await this.#ingested.newest();
    return findDifferences(await this.#lake.read(batch), await readSourceRows(this.#ingested.source.sql));
  }

  /** Leaves the source; the next player has another one. */
  close(): Promise<void> {
    return this.#ingested.close();
  }
}
