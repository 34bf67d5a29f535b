import {
  type DescribedColumn,
  describeHistory,
  describeTable,
  describeViews,
  etlTables,
  type Fact,
  factsOf,
  functionsOf,
  lakeColumn,
  latestTablesOf,
  type Model,
  postgresType,
  type WarehouseTable,
} from '@totesys/schema';

/** Returns the sections of `docs/data-dictionary.md`: tables with their columns, the columns' meaning and origin. */
export function renderDataDictionary(model: Model): Readonly<Record<string, string>> {
  return {
    warehouse: lines(model.warehouse.flatMap((table) => [...renderTable(table), ''])),
    views: lines([
      '| view | meaning |',
      '|---|---|',
      ...factsOf(model)
        .flatMap(describeViews)
        .map(({ name, about }) => row(`\`${name}\``, about)),
    ]),
    functions: lines([
      '| function | result |',
      '|---|---|',
      ...functionsOf(model).map(({ call, about }) => row(`\`${call}\``, about)),
    ]),
    history: lines([
      '| table | meaning |',
      '|---|---|',
      ...latestTablesOf(model)
        .map(describeHistory)
        .map(({ schema, name, about }) => row(`\`${schema}.${name}\``, about)),
    ]),
    'lake-columns': lines([
      '| table | column of the lake | type | column of the warehouse |',
      '|---|---|---|---|',
      ...factsOf(model).flatMap(renderLakeColumns),
    ]),
    etl: lines(
      etlTables.flatMap(({ schema, name, about, columns }) => [
        `### ${schema}.${name}`,
        '',
        about,
        '',
        '| column | meaning |',
        '|---|---|',
        ...columns.map((column) => row(column.name, column.about)),
        '',
      ]),
    ),
    source: lines(model.source.flatMap(renderSourceTable)),
  };
}

function renderSourceTable(table: Model['source'][number]): string[] {
  return [
    `### ${table.name}`,
    '',
    '| column | type | refers to |',
    '|---|---|---|',
    ...Object.entries(table.columns).map(([name, { type, nullable, references }]) =>
      row(
        `${name}${nullable ? '?' : ''}${name === table.key ? ' (key)' : ''}`,
        type.kind === 'enum' ? `enum "${type.name}": ${type.labels.join(', ')}` : postgresType(type),
        references ?? '',
      ),
    ),
    '',
  ];
}

function renderTable(table: WarehouseTable): string[] {
  const { name, about, columns } = describeTable(table);
  return [
    `### ${name}`,
    '',
    about,
    '',
    '| column | type | meaning | origin |',
    '|---|---|---|---|',
    ...columns.map((column) => row(titleOf(table, column), typeOf(table, column), column.about, column.origin ?? '')),
  ];
}

function renderLakeColumns(fact: Fact): string[] {
  return fact.columns.flatMap((column) => {
    const carrier = lakeColumn(column);
    return carrier === column ? [] : [row(fact.name, carrier.name, postgresType(carrier.type), column.name)];
  });
}

function titleOf(table: WarehouseTable, { name }: DescribedColumn): string {
  const key = table.kind === 'fact' ? table.recordId : table.key;
  const column = table.kind === 'calendar' ? undefined : table.columns.find((each) => each.name === name);
  return `${name}${column?.nullable ? '?' : ''}${name === key ? ' (key)' : ''}`;
}

function typeOf(table: WarehouseTable, { name }: DescribedColumn): string {
  const column = table.columns.find((each) => each.name === name);
  return column === undefined ? 'serial' : postgresType(column.type);
}

const lines = (each: readonly string[]) => each.join('\n').trimEnd();

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
