import { type Derivation, type Model, postgresType, type WarehouseTable } from '@totesys/schema';

/** `docs/data-dictionary.md`, from the model: every table of the warehouse with its columns and where each comes from. */
export function renderDataDictionary(model: Model): string {
  return [
    '# Data dictionary',
    '',
    '<!-- Generated from packages/schema by `make docs`; a test fails when it is out of date. -->',
    '',
    'Schema `public` of the warehouse. Not null unless marked `?`. Facts keep every version: `current_<fact>` shows the latest of',
    'each id that is not deleted.',
    '',
    ...model.warehouse.flatMap((table) => [...renderTable(table), '']),
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
  const head = ['| column | type | refers to | comes from |', '|---|---|---|---|'];
  if (table.kind === 'calendar') {
    return [
      `## ${table.name}`,
      '',
      'Every day of every calendar year in which any date occurs.',
      '',
      ...head,
      ...table.columns.map(({ name, type, part }) =>
        row(`${name}${name === table.key ? ' (key)' : ''}`, postgresType(type), '', `the date's ${part}`),
      ),
    ];
  }
  const alias = table.kind === 'fact' && table.alias ? ` Also as view \`${table.alias}\`.` : '';
  return [
    `## ${table.name}`,
    '',
    `From \`${table.source}\`${table.kind === 'fact' ? ', one row a version' : ', latest values'}.${alias}`,
    '',
    ...head,
    ...(table.kind === 'fact' ? [row(`${table.recordId} (key)`, 'serial', '', 'numbers the versions')] : []),
    ...table.columns.map((column) => {
      const isKey = table.kind === 'dimension' && column.name === table.key;
      const placeholder = column.placeholder === undefined ? '' : `; '${column.placeholder}' where there is none`;
      return row(
        `${column.name}${column.nullable ? '?' : ''}${isKey ? ' (key)' : ''}`,
        postgresType(column.type),
        column.references ?? '',
        `${describe(column.derivation, table.source)}${placeholder}`,
      );
    }),
  ];
}

function describe(derivation: Derivation, source: string): string {
  switch (derivation.kind) {
    case 'column':
      return `\`${source}.${derivation.column}\``;
    case 'joined':
      return `\`${derivation.table}.${derivation.column}\` by \`${derivation.by}\``;
    case 'dateOf':
      return `date of \`${source}.${derivation.column}\``;
    case 'timeOf':
      return `time of \`${source}.${derivation.column}\``;
    case 'parsedDate':
      return `\`${source}.${derivation.column}\`, a text \`YYYY-MM-DD\``;
    case 'currencyName':
      return `ISO 4217 name of \`${source}.${derivation.column}\``;
  }
}

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`;
