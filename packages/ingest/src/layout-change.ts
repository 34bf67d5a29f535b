import type { TableLayout } from './source-layout.ts';

type ColumnLayout = TableLayout['columns'][number];

/** What has changed in a table since the last batch, in words: why all of it is read again. */
export function describeLayoutChange(before: TableLayout, now: TableLayout): string {
  if (before.oid !== now.oid) return 'it is another table of that name';
  const [had, has] = [before, now].map(({ partitions = [] }) => partitions.join());
  const changes = [
    ...(had === has ? [] : ['its partitions are others']),
    ...now.columns.flatMap((column) => {
      const same = before.columns.find(({ name }) => name === column.name);
      return same ? describeColumn(same, column) : [`'${column.name}' is read now`];
    }),
    ...before.columns
      .filter(({ name }) => !now.columns.some((column) => column.name === name))
      .map(({ name }) => `'${name}' is read no longer`),
  ];
  return changes.length > 0 ? changes.join('; ') : 'its columns are read in another order';
}

function describeColumn(before: ColumnLayout, now: ColumnLayout): string[] {
  const name = `'${now.name}'`;
  if (before.attnum !== now.attnum) return [`${name} was dropped and added again`];
  const changes: string[] = [];
  if (before.type !== now.type) changes.push(`${name} was ${before.type} and is ${now.type}`);
  if (before.missingValue !== now.missingValue) changes.push(`${name} shows another value where a row has none`);
  const [had, has] = [before.labels ?? [], now.labels ?? []].map((labels) => labels.join(', '));
  if (had !== has) changes.push(`the labels of ${name} were ${had} and are ${has}`);
  return changes;
}
