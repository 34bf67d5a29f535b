import {
  currentView,
  type DescribedRelation,
  describeTable,
  describeViews,
  etlTables,
  type Fact,
  factsOf,
  type Model,
  type WarehouseTable,
} from '@totesys/schema';
import { stringify } from 'yaml';

/** Where the generated declaration of dbt's sources lies, from the root of the repository. */
export const DBT_SOURCES = 'dbt/models/sources.yml';

/** The age of the newest batch from which dbt warns: a source can be quiet for a night. */
const WARN_AFTER = { count: 24, period: 'hour' };

type Test =
  | string
  | { readonly relationships: { readonly arguments: { readonly to: string; readonly field: string } } };

/** Returns `sources.yml` of dbt: the star schema, its views and the pipeline's tables, with descriptions and tests. */
export function renderDbtSources(model: Model): string {
  const sources = {
    version: 2,
    sources: [
      {
        name: 'totesys',
        description: 'The star schema: dimensions with their latest values, facts with every version.',
        schema: 'public',
        tables: [
          ...model.warehouse.map((table) => declare(describeTable(table), testsOfTable(model, table))),
          ...factsOf(model).flatMap((fact) =>
            describeViews(fact).map((view) => declare(view, testsOfView(fact, view))),
          ),
        ],
      },
      {
        name: 'etl',
        description: 'What the pipeline records about the batches that it loaded.',
        schema: 'etl',
        tables: etlTables.map((table) => ({ ...declare(table, () => []), ...freshnessOf(table) })),
      },
    ],
  };
  return `# Generated from the model by make docs. Do not edit.\n${stringify(sources, { lineWidth: 120 })}`;
}

function declare({ name, about, columns }: DescribedRelation, testsOf: (column: string) => readonly Test[]) {
  return {
    name,
    description: about,
    columns: columns.map((column) => {
      const tests = testsOf(column.name);
      return {
        name: column.name,
        ...(column.about !== '' && { description: column.about }),
        ...(tests.length > 0 && { data_tests: tests }),
      };
    }),
  };
}

function freshnessOf({ name }: DescribedRelation) {
  if (name !== 'ledger') return {};
  return { config: { loaded_at_field: 'loaded_at', freshness: { warn_after: WARN_AFTER } } };
}

function testsOfTable(model: Model, table: WarehouseTable): (column: string) => readonly Test[] {
  const key = table.kind === 'fact' ? table.recordId : table.key;
  return (name) => {
    if (name === key) return ['unique', 'not_null'];
    const column = table.kind === 'calendar' ? undefined : table.columns.find((candidate) => candidate.name === name);
    if (column === undefined) return [];
    const target = model.warehouse.find((candidate) => candidate.name === column.references);
    return [
      ...(column.nullable ? [] : ['not_null' as const]),
      ...(target === undefined || target.kind === 'fact' ? [] : [relationshipTo(target.name, target.key)]),
    ];
  };
}

function testsOfView(fact: Fact, view: DescribedRelation): (column: string) => readonly Test[] {
  const key = view.name === currentView(fact) ? fact.key : fact.recordId;
  return (name) => (name === key ? ['unique', 'not_null'] : []);
}

function relationshipTo(table: string, field: string): Test {
  return { relationships: { arguments: { to: `source('totesys', '${table}')`, field } } };
}
