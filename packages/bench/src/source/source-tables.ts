import { type Connection, query, type Sql } from '@totesys/runtime';
import { TOTESYS_TABLES } from '@totesys/sandbox';
import { quoteIdentifier } from '@totesys/schema';

/** A column of a source table as the catalogue describes it. */
export interface SourceColumn {
  readonly name: string;
  /** The type with its modifiers, for example `numeric(10,2)`. */
  readonly type: string;
  readonly isEnum: boolean;
}

/** A source table that the bench moves: its columns in their order, and its primary key. */
export interface SourceTable {
  readonly name: string;
  readonly columns: readonly SourceColumn[];
  readonly key: readonly string[];
}

/** Returns the tables of totesys, each after those that it refers to. */
export async function readSourceTables(source: Sql | Connection): Promise<SourceTable[]> {
  const rows = await query<SourceTable>(source, { text: READ, parameters: [[...TOTESYS_TABLES]] });
  return [...rows];
}

const READ = `
  select t.name,
         (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                                            'isEnum', y.typtype = 'e') order by a.attnum)
            from pg_attribute a join pg_type y on y.oid = a.atttypid
           where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
         (select json_agg(a.attname order by k.position)
            from pg_constraint p, unnest(p.conkey) with ordinality k (attnum, position), pg_attribute a
           where p.conrelid = c.oid and p.contype = 'p' and a.attrelid = c.oid and a.attnum = k.attnum) as key
    from unnest($1::text[]) with ordinality t (name, position)
    join pg_class c on c.relname = t.name and c.relnamespace = 'public'::regnamespace
   order by t.position`;

/** Returns the columns as a list of SQL. */
export function columnList({ columns }: Pick<SourceTable, 'columns'>): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}
