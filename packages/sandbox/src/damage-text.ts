import type { Sql } from '@totesys/runtime';
import { quoteIdentifier } from '@totesys/schema';

/**
 * Damages a text of one row as a failing disk does: its TOAST value gets a wrong chunk. The row can still be counted,
 * but reading the text fails with data_corrupted (XX001). Only a superuser may do this. The row itself is updated.
 */
export async function damageText(
  sql: Sql,
  { table, column, key, keyColumn = `${table}_id` }: { table: string; column: string; key: number; keyColumn?: string },
): Promise<void> {
  const [relation, text, id] = [table, column, keyColumn].map((name) => quoteIdentifier(name!));
  await sql.unsafe(`alter table ${relation} alter column ${text} set storage external`);
  const [toast] = await sql.unsafe(
    'select reltoastrelid::text as oid, reltoastrelid::regclass::text as name from pg_class where oid = ' +
      '$1::text::regclass',
    [relation!],
  );
  // No role may write to a TOAST table, so it becomes an ordinary table within this transaction.
  await sql.begin(async (transaction) => {
    const [before] = await transaction.unsafe(
      `select coalesce(max(chunk_id::bigint), 0)::text as newest from ${toast!.name}`,
    );
    await transaction.unsafe(`update ${relation} set ${text} = repeat('damaged ', 2000) where ${id} = $1`, [key]);
    await transaction.unsafe(`update pg_class set relkind = 'r' where oid = ${toast!.oid}`);
    await transaction.unsafe(
      `insert into ${toast!.name} select distinct chunk_id, 1000, '\\x00'::bytea from ${toast!.name} where ` +
        `chunk_id::bigint > ${before!.newest}`,
    );
    await transaction.unsafe(`update pg_class set relkind = 't' where oid = ${toast!.oid}`);
  });
}
