import { type ColumnType, findSourceTable, type Model, postgresType } from '@totesys/schema';
import type { QuarantinedValue } from './read-quarantined.ts';

/** What the contract asks of the value: the warehouse columns that come from it, or the source column where it could not even be carried. */
export function describeRule(
  model: Model,
  value: Pick<QuarantinedValue, 'table' | 'warehouseTable' | 'column'>,
): string {
  const target = model.warehouse.find(({ name }) => name === value.warehouseTable);
  if (!target || target.kind === 'calendar') {
    const source = findSourceTable(model, value.table).columns[value.column];
    return source ? `${value.table}.${value.column} is ${typeName(source.type)} as Parquet can carry it` : '';
  }
  return target.columns
    .filter(({ derivation }) => (derivation.kind === 'joined' ? derivation.by : derivation.column) === value.column)
    .map(({ name, type, nullable }) => `${target.name}.${name} is ${typeName(type)}${nullable ? '' : ' not null'}`)
    .join(', ');
}

function typeName(type: ColumnType): string {
  return type.kind === 'enum' ? type.name : postgresType(type);
}
