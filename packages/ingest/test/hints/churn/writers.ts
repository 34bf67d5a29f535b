import type { Sql } from '@totesys/runtime';
import type { Random } from './random.ts';

type Session = Awaited<ReturnType<Sql['reserve']>>;

/** Sessions that may be in a transaction at once. */
const MOST_SESSIONS = 3;
const TABLES = ['currency', 'design', 'department'] as const;
const TEXTS = { currency: 'currency_code', design: 'design_name', department: 'location' };

/**
 * Sessions that change rows: in transactions of their own, or in ones that stay open, nest, and end some steps later.
 * A row that another session has locked fails a step, and with it the transaction.
 */
export class Writers {
  readonly #sql: Sql;
  readonly #random: Random;
  readonly #open: Session[] = [];
  readonly #prepared: string[] = [];
  #next = 100;

  constructor(sql: Sql, random: Random) {
    this.#sql = sql;
    this.#random = random;
  }

  /** Does one step of one session. */
  async step(): Promise<void> {
    const session = this.#open[this.#random.below(MOST_SESSIONS)];
    if (session) await this.continue(session);
    else if (this.#random.chance(0.4)) await this.begin();
    else if (this.#prepared.length > 0 && this.#random.chance(0.3)) await this.endPrepared();
    else await this.autocommit();
  }

  /** Ends all transactions. */
  async endAll(): Promise<void> {
    for (const session of [...this.#open]) await this.end(session, 'commit');
    await this.readPrepared();
    while (this.#prepared.length > 0) await this.endPrepared();
  }

  /** Forgets the sessions that a crash of the server has ended; prepared transactions outlive it. */
  async forget(): Promise<void> {
    for (const session of this.#open.splice(0)) session.release();
    await this.readPrepared();
  }

  private async readPrepared(): Promise<void> {
    const kept = await this.#sql<{ gid: string }[]>`select gid from pg_prepared_xacts`;
    this.#prepared.splice(0, this.#prepared.length, ...kept.map(({ gid }) => gid));
  }

  private async begin(): Promise<void> {
    if (this.#open.length === MOST_SESSIONS) return;
    const session = await this.#sql.reserve();
    await session.unsafe(`begin; set local lock_timeout = '5ms'`);
    if (this.#random.chance(0.3)) await session.unsafe('set local synchronous_commit = off');
    this.#open.push(session);
    await this.continue(session);
  }

  private async continue(session: Session): Promise<void> {
    const act = this.#random.below(12);
    if (act === 0) await this.end(session, 'rollback');
    else if (act <= 3) await this.end(session, 'commit');
    else if (act === 4 && this.#prepared.length < 3) await this.prepare(session);
    else if (act <= 6) await this.nest(session);
    else await this.change(session);
  }

  // A savepoint that is kept or rolled back, with changes before, in and after it.
  private async nest(session: Session): Promise<void> {
    const steps = ['savepoint s', this.statement(), this.random('release savepoint s', 'rollback to savepoint s')];
    for (const statement of [...steps, this.statement()]) if (!(await this.tryIn(session, statement))) return;
  }

  private async change(session: Session): Promise<void> {
    await this.tryIn(session, this.statement());
  }

  private async tryIn(session: Session, statement: string): Promise<boolean> {
    try {
      await session.unsafe(statement);
      return true;
    } catch {
      await this.end(session, 'rollback');
      return false;
    }
  }

  private async autocommit(): Promise<void> {
    const mode = this.random('on', 'off');
    await this.#sql
      .begin(async (sql) => {
        await sql.unsafe(`set local lock_timeout = '5ms'; set local synchronous_commit = ${mode}`);
        await sql.unsafe(this.statement());
      })
      .catch(() => undefined);
  }

  private async prepare(session: Session): Promise<void> {
    const name = `churn_${this.#next++}`;
    await this.end(session, `prepare transaction '${name}'`);
    this.#prepared.push(name);
  }

  private async endPrepared(): Promise<void> {
    await this.#sql.unsafe(`${this.random('commit', 'rollback')} prepared '${this.#prepared.shift()}'`);
  }

  private async end(session: Session, how: string): Promise<void> {
    this.#open.splice(this.#open.indexOf(session), 1);
    await session.unsafe(how);
    session.release();
  }

  private random<T>(...choices: T[]): T {
    return choices[this.#random.below(choices.length)]!;
  }

  private statement(): string {
    const table = this.random(...TABLES);
    const key = `${table}_id`;
    const value = this.#next++;
    const some = `${key} % 7 = ${value % 7}`;
    const one = `${key} = (select ${key} from ${table} order by (${key} * 31 + ${value}) % 97 limit 1)`;
    const copy = `jsonb_populate_record(t, jsonb_build_object('${key}', ${value}))`;
    return this.random(
      `update ${table} set ${TEXTS[table]} = '${value % 1000}' where ${some}`,
      `update ${table} set last_updated = last_updated where ${some}`,
      `insert into ${table} select (${copy}).* from ${table} t order by ${key} limit 1`,
      `delete from ${table} where ${one} and (select count(*) from ${table}) > 5`,
      `update ${table} set ${key} = ${value} where ${one}`,
      `select from ${table} where ${some} for share`,
    );
  }
}
