import { join } from 'node:path';
import { type ColumnType, engineStatements, factsOf, integer, latestTablesOf, totesysModel } from '@totesys/schema';
import { totesys } from '../built-command.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import { kindOf, lakeShown, type Shown } from './lake-with-history.ts';
import { installEngines, publishedEngines, runPython } from './python-engines.ts';

/** A query of an engine, and the rows that the warehouse shows for it. */
interface Compared {
  readonly name: string;
  readonly query: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly rows: readonly string[];
}

const pythons = await installEngines(publishedEngines);
const LIMIT_MS = 300_000;
/** Before these batches' changes, publish runs: twice in the middle of the life, and once at its end. */
const BATCHES = 6;

let pipeline: Pipeline;
let compared: Compared[];

beforeAll(async () => {
  if (!pythons) return;
  pipeline = await createPipeline();
  await live();
  compared = await compareAll();
}, LIMIT_MS);

afterAll(() => pipeline?.close());

const publish = async () => {
  const { code, stderr } = await totesys(['publish'], { LAKE: pipeline.lake });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
};

// A first load, edits, an undone edit, deletions, a return, and changed dimensions.
async function live(): Promise<void> {
  const { populate } = await import('@totesys/sandbox');
  const source = pipeline.source.sql;
  await populate(source, { seed: 3, salesOrders: 80, purchaseOrders: 40 });
  await pipeline.run();
  await publish();
  const payment = source`payment where payment_id = (select min(payment_id) from payment)`;
  const [kept] = await source`select * from ${payment}`;
  const changes: (() => Promise<unknown>)[] = [
    async () => {
      await source`update sales_order set units_sold = units_sold + 1 where sales_order_id <= 3`;
      await source`update staff set first_name = 'Zoë "🧵" \\N', department_id = 2 where staff_id = 1`;
    },
    async () => {
      await source`update sales_order set units_sold = units_sold - 1 where sales_order_id <= 3`;
      await source`delete from ${payment}`;
    },
    () => source`update department set department_name = 'Other' where department_id = 2`,
    () => source`insert into payment ${source(kept!)}`,
    () => source`delete from payment where transaction_id in
      (select transaction_id from transaction where sales_order_id in (5, 6))`,
  ];
  for (const [number, change] of changes.entries()) {
    await change();
    await pipeline.run();
    if (number % 2 === 1) await publish();
  }
  await publish();
}

async function compareAll(): Promise<Compared[]> {
  const batches = Array.from({ length: BATCHES }, (_, i) => i + 1);
  const found: Compared[] = [];
  for (const table of totesysModel.warehouse) {
    const columns = lakeShown(table);
    const isFact = table.kind === 'fact';
    const shown = columns.map(({ name }) => name).join(', ');
    const current = isFact ? `current_${table.name}` : table.name;
    found.push(await compare(`current ${table.name}`, columns, current, `select ${shown} from current_${table.name}`));
    for (const batch of batches) {
      const asOf = `batch <= ${batch} and (until_batch is null or until_batch > ${batch})`;
      const query = `select ${shown} from ${table.name}_states where ${asOf}`;
      found.push(await compare(`${table.name} as of ${batch}`, columns, `${table.name}_as_of(${batch})`, query));
    }
  }
  for (const fact of factsOf(totesysModel)) {
    const number = `row_number() over (partition by ${fact.key} order by ${fact.recordId})`;
    const version: Shown = { name: 'version', type: integer(), text: `${number}::text` };
    const columns = [...lakeShown(fact), version];
    const shown = columns.map(({ name }) => name).join(', ');
    found.push(
      await compare(`versions of ${fact.name}`, columns, fact.name, `select ${shown} from ${fact.name}_versions`),
    );
  }
  return found;
}

async function compare(name: string, columns: readonly Shown[], relation: string, query: string): Promise<Compared> {
  const texts = columns.map(({ text }, i) => `${text} as c${i}`).join(', ');
  const rows = await pipeline.warehouse.sql.unsafe(`select ${texts} from ${relation}`);
  return { name, query, columns, rows: rows.map((row) => JSON.stringify(columns.map((_, i) => row[`c${i}`]))).sort() };
}

const attempt = pythons ? test.each(publishedEngines) : test.skip.each(publishedEngines);

attempt(
  '$title shows current rows, all versions and each earlier state of every table as the warehouse does',
  async ({ name, script, packages }) => {
    expect(latestTablesOf(totesysModel).length + factsOf(totesysModel).length).toBe(11);
    expect(compared).toHaveLength(11 * (BATCHES + 1) + 3);
    const queries = compared.map(({ name: title, query, columns }) => ({
      name: title,
      query,
      columns: columns.map(({ type }) => ({ kind: kindOf(type), scale: 'scale' in type ? type.scale : 0 })),
    }));
    const shown = await runPython<Record<string, (string | null)[][]>>(pythons!.get(packages)!, 'read_published.py', {
      argument: name,
      input: {
        place: join(pipeline.lake, 'iceberg'),
        statements: engineStatements(totesysModel, script),
        queries,
      },
    });
    for (const { name: title, rows } of compared) {
      const texts = shown[title]!.map((row) => JSON.stringify(row)).sort();
      expect({ title, texts }).toEqual({ title, texts: rows });
    }
  },
  LIMIT_MS,
);
