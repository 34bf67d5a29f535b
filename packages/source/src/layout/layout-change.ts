import type { TableLayout } from './source-layout.ts';

type ColumnLayout = TableLayout['columns'][number];
type PartitionColumns = NonNullable<TableLayout['partitionColumns']>[number]['columns'];

/**
 * Describes changes of a table since the last batch that may change its rows' values without their xmins; undefined
 * if there are none. Added or removed partitions are not among them: `findAddedPartitions` returns those that may
 * bring old rows.
 */
export function describeLayoutChange(before: TableLayout, now: TableLayout): string | undefined {
  if (before.oid !== now.oid) return 'it is another table of that name';
  const changes = [
    ...now.columns.flatMap((column) => {
      const same = before.columns.find(({ name }) => name === column.name);
      return same ? describeColumn(same, column) : [`'${column.name}' is read now`];
    }),
    ...before.columns
      .filter(({ name }) => !now.columns.some((column) => column.name === name))
      .map(({ name }) => `'${name}' is no longer read`),
    ...describePartitionColumns(before, now),
  ];
  if (changes.length > 0) return changes.join('; ');
  const isReordered = before.columns.some(({ name }, i) => name !== now.columns[i]?.name);
  return isReordered ? 'its columns are read in another order' : undefined;
}

/**
 * Returns the oids of the partitions that the last batch did not see. Rows may have come with them that are older
 * than that batch.
 */
export function findAddedPartitions(before: TableLayout, now: TableLayout): string[] {
  const had = new Set(before.partitions);
  return (now.partitions ?? []).filter((oid) => !had.has(oid));
}

function describeColumn(before: ColumnLayout, now: ColumnLayout): string[] {
  const name = `'${now.name}'`;
  if (before.attnum !== now.attnum) return [`${name} was dropped and added again`];
  const changes: string[] = [];
  if (before.type !== now.type) changes.push(`${name} was ${before.type} and is ${now.type}`);
  if (showsOther(before.missingValue, now.missingValue)) {
    changes.push(`${name} shows another value where a row has none`);
  }
  if (before.expression !== now.expression) changes.push(`${name} is computed by another expression`);
  const [had, has] = [before.labels ?? [], now.labels ?? []].map((labels) => labels.join(', '));
  if (had !== has) changes.push(`the labels of ${name} were ${had} and are ${has}`);
  return changes;
}

// VACUUM FULL and CLUSTER write the missing value into the rows and remove it; the values stay the same.
function showsOther(before: string | null, now: string | null): boolean {
  return now !== null && now !== before;
}

function describePartitionColumns(before: TableLayout, now: TableLayout): string[] {
  if (!before.partitionColumns) return [];
  const had = columnsByPartition(before);
  const changed = [...columnsByPartition(now)].some(([oid, columns]) => {
    const same = had.get(oid);
    return same !== undefined && columns.some((column, i) => differs(same[i], column));
  });
  return changed ? ['the columns of a partition have been dropped and added again'] : [];
}

function differs(before: PartitionColumns[number] | undefined, now: PartitionColumns[number]): boolean {
  // A column that was not read before is among the changes of the table's own columns.
  if (before?.name !== now.name) return true;
  return before.attnum !== now.attnum || showsOther(before.missingValue, now.missingValue);
}

function columnsByPartition({ partitionColumns = [] }: TableLayout): Map<string, PartitionColumns> {
  return new Map(partitionColumns.flatMap(({ partitions, columns }) => partitions.map((oid) => [oid, columns])));
}
