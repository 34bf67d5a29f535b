import { isLongText } from '@totesys/lake';
import { type ColumnType, findSourceTable, MOST_TEXT_BYTES, type Model, postgresType } from '@totesys/schema';
import type { BatchValue } from './read-quarantined.ts';

/** Describes the rule that a value breaks: its warehouse columns, or its source column if the lake cannot carry it. */
export function describeRule(
  model: Model,
  value: Pick<BatchValue, 'table' | 'warehouseTable' | 'column' | 'reason'>,
): string {
  const target = model.warehouse.find(({ name }) => name === value.warehouseTable);
  if (!target || target.kind === 'calendar') {
    const source = findSourceTable(model, value.table).columns[value.column];
    if (!source) return '';
    const limit = isLongText(value) ? `of at most ${MOST_TEXT_BYTES} bytes` : 'as Parquet can carry it';
    return `${value.table}.${value.column} is ${typeName(source.type)} ${limit}`;
  }
  return target.columns
    .filter(({ derivation }) => (derivation.kind === 'joined' ? derivation.by : derivation.column) === value.column)
    .map(({ name, type, nullable }) => `${target.name}.${name} is ${typeName(type)}${nullable ? '' : ' not null'}`)
    .join(', ');
}

function typeName(type: ColumnType): string {
  return type.kind === 'enum' ? type.name : postgresType(type);
}
