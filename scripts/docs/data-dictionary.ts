import {
  type DescribedColumn,
  describeTable,
  describeViews,
  etlTables,
  type Fact,
  factsOf,
  lakeColumn,
  type Model,
  postgresType,
  type WarehouseTable,
} from '@totesys/schema';

/** `docs/data-dictionary.md`, from the model: every table of the warehouse with its columns, what each is and where it comes from. */
export function renderDataDictionary(model: Model): string {
  return [
    '# Data dictionary',
    '',
    '<!-- Generated from packages/schema by `make docs`; a test fails when it is out of date. -->',
    '',
    'The warehouse, and behind it the source. The database says the same of itself (`\\d+ fact_payment` in psql): load writes these sentences as',
    'comments. Queries to begin with: [analysts.md](analysts.md).',
    '',
    '- **Facts** (`fact_*`) keep every version of a row, each under a record id of its own. Begin with `current_fact_*`.',
    '- **Dimensions** (`dim_*`) have the latest values only: a fact of last year shows the name that its counterparty has today.',
    '- **Deleted** facts are in no `current_fact_*`; their versions stay in the fact table, and `etl.deletion` names them.',
    '- **Amounts** are exact decimals; dates and times are as the source wrote them, without a time zone.',
    '- A column with `?` may be null; no other is.',
    '',
    ...model.warehouse.flatMap((table) => [...renderTable(table), '']),
    '# Views',
    '',
    'Each with the columns of its fact.',
    '',
    '| view | what it is |',
    '|---|---|',
    ...factsOf(model)
      .flatMap(describeViews)
      .map(({ name, about }) => row(`\`${name}\``, about)),
    '',
    '# The processed lake',
    '',
    'A part has the columns of its warehouse table, except that the timestamps below replace the times. It has no record ids: load assigns them.',
    'Engines show two more columns, `batch_date` and `batch`, which are folders. How to read it: [lake.md](lake.md).',
    '',
    '| table | column of the lake | type | column of the warehouse |',
    '|---|---|---|---|',
    ...factsOf(model).flatMap(renderLakeColumns),
    '',
    '# What the pipeline keeps beside it',
    '',
    'Schema `etl`, to be read only: what the warehouse shows, and what is not in it.',
    '',
    ...etlTables.flatMap(({ schema, name, about, columns }) => [
      `## ${schema}.${name}`,
      '',
      about,
      '',
      '| column | what it is |',
      '|---|---|',
      ...columns.map((column) => row(column.name, column.about)),
      '',
    ]),
    '# Source',
    '',
    ...model.source.flatMap((table) => [
      `## ${table.name}`,
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
    ]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}

function renderTable(table: WarehouseTable): string[] {
  const { name, about, columns } = describeTable(table);
  return [
    `## ${name}`,
    '',
    about,
    '',
    '| column | type | what it is | comes from |',
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

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
