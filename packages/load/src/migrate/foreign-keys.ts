import { type Connection, SqlState, sqlStateOf } from '@totesys/runtime';
import {
  addForeignKey,
  type Fact,
  foreignKeysOf,
  type Model,
  quoteIdentifier,
  warehouseRelation,
} from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';

/** Readers of a fact or a dimension are waited for this long before the keys stay where they are: new readers wait as long. */
const LOCK_TIMEOUT_MS = 200;

interface ForeignKey {
  readonly name: string;
  readonly column: string;
  readonly references: string;
  /** False where its maker spared the rows that were there: put back as it was written, it would spare ours too. */
  readonly validated: boolean;
  /** The key as Postgres writes it, with whatever its maker wished of it. */
  readonly definition: string;
}

/** Adds the foreign keys that a fact lacks, under whatever name somebody else may have given them. */
export async function addMissingForeignKeys(sql: Connection, model: Model, fact: Fact): Promise<void> {
  const present = await findForeignKeys(sql, fact);
  for (const key of foreignKeysOf(model, fact)) {
    const found = present.find(({ column, references }) => column === key.column && references === key.references);
    if (found?.validated) continue;
    const validate = `alter table ${warehouseRelation(fact.name)} validate constraint ${quoteIdentifier(found?.name ?? key.name)}`;
    try {
      await sql.unsafe(found ? validate : addForeignKey(key));
    } catch (error) {
      if (sqlStateOf(error) !== SqlState.foreignKeyViolation) throw error;
      const fault = `column '${key.column}' refers to rows that '${key.references}' lacks`;
      throw warehouseUnfit(fact.name, fault, 'a row for each', 'none for some');
    }
  }
}

/** Does work on a fact with its foreign keys away, then adds them again: all rows are checked at once, and a missing reference throws. */
export async function withoutForeignKeys(
  sql: Connection,
  model: Model,
  fact: Fact,
  work: () => Promise<void>,
): Promise<void> {
  const declared = foreignKeysOf(model, fact).map(({ column }) => column);
  const keys = (await findForeignKeys(sql, fact)).filter(({ column }) => declared.includes(column));
  const table = `alter table ${warehouseRelation(fact.name)}`;
  const [before] = await sql.unsafe(`select current_setting('lock_timeout') as lock_timeout`);
  await sql.unsafe(`set local lock_timeout = ${LOCK_TIMEOUT_MS}`);
  for (const { name } of keys) await sql.unsafe(`${table} drop constraint ${quoteIdentifier(name)}`);
  await work();
  for (const { name, definition } of keys) {
    await sql.unsafe(`${table} add constraint ${quoteIdentifier(name)} ${definition}`);
  }
  await sql.unsafe(`select set_config('lock_timeout', $1::text, true)`, [before?.lock_timeout]);
}

async function findForeignKeys(sql: Connection, fact: Fact): Promise<ForeignKey[]> {
  const rows = await sql.unsafe(
    `select c.conname as name, a.attname as column, r.relname as references, c.convalidated as validated, pg_get_constraintdef(c.oid) as definition
       from pg_constraint c
       join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
       join pg_class r on r.oid = c.confrelid and r.relnamespace = 'public'::regnamespace
      where c.contype = 'f' and cardinality(c.conkey) = 1 and c.conrelid = to_regclass($1::text)
      order by c.conname`,
    [warehouseRelation(fact.name)],
  );
  return rows as unknown as ForeignKey[];
}
