import { type Calendar, comparedColumns, type Dimension, quoteIdentifier, warehouseRelation } from '@totesys/schema';
import { columnList, stagingOf } from './staging.ts';

/** Inserts and updates the rows of the calendar or a dimension. A row that does not differ is not even locked. */
export function mergeLatest(table: Calendar | Dimension): string {
  const key = quoteIdentifier(table.key);
  const target = warehouseRelation(table.name);
  const updates = table.columns
    .filter(({ name }) => name !== table.key)
    .map(({ name }) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  return `insert into ${target} (${columnList(table)})
    select distinct on (s.${key}) ${columnList(table, 's')}
      from ${stagingOf(table.name)} s left join ${target} d on d.${key} = s.${key}
     where d.${key} is null or (${comparedColumns(table, 's')}) is distinct from (${comparedColumns(table, 'd')})
     order by s.${key}
    on conflict (${key}) do ${updates.length > 0 ? `update set ${updates.join(', ')}` : 'nothing'}`;
}
