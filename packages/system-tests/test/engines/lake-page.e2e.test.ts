import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLakeWithHistory, type LakeWithHistory } from './lake-with-history.ts';
import { engines, installEngines, runPython } from './python-engines.ts';

const page = await readFile(new URL('../../../../docs/lake.md', import.meta.url), 'utf8');
const snippets = [...page.matchAll(/^```python\n(.*?)^```$/gms)].map(([, snippet]) => snippet!);
const [ofSpark, ofReaders] = [true, false].map((spark) =>
  snippets.filter((snippet) => snippet.includes('pyspark') === spark),
) as [string[], string[]];

const pythons = await installEngines(engines);
const LIMIT_MS = 300_000;
const attempt = pythons ? test : test.skip;

let lake: LakeWithHistory;
/** The folder in which `lake/` is the lake, as the page says. */
let folder: string;

beforeAll(async () => {
  if (!pythons) return;
  lake = await createLakeWithHistory();
  folder = await mkdtemp(join(tmpdir(), 'lake-page-'));
  await symlink(lake.pipeline.lake, join(folder, 'lake'));
}, LIMIT_MS);

afterAll(async () => {
  if (!lake) return;
  await rm(folder, { recursive: true, force: true });
  await lake.pipeline.close();
});

const rowsOf = async (query: string) =>
  (await lake.pipeline.warehouse.sql.unsafe(query).values()).map((row) => row.map(String));

const CURRENT =
  'select sales_order_id, units_sold, unit_price::text from current_fact_sales_order order by sales_order_id';
const VERSIONS = `select (select min(l.batch) from etl.ledger l
    where (l.last_record_ids ->> 'fact_sales_order')::bigint >= f.sales_record_id) as batch,
  sales_order_id, units_sold, unit_price::text from fact_sales_order f order by sales_order_id, sales_record_id`;
const AS_OF = `select distinct on (sales_order_id) sales_order_id, units_sold, unit_price::text from fact_sales_order
  where sales_record_id <= (select (last_record_ids ->> 'fact_sales_order')::bigint from etl.ledger where batch = 1)
  order by sales_order_id, sales_record_id desc`;
const DELETIONS = `select deleted_batch, id from etl.deletion where fact = 'fact_sales_order' order by id`;

const run = (name: string, chosen: readonly string[]) =>
  runPython<string[][][]>(pythons!.get(engines.find((engine) => engine.title === name)!.packages)!, 'run_snippets.py', {
    argument: name,
    input: chosen,
    cwd: folder,
  });

attempt(
  'every example of the page runs, and shows what the warehouse shows',
  async () => {
    const answers = await run('duckdb', ofReaders);
    expect(answers).toHaveLength(10);
    const [raw, listed, duckdb, polars, pandas, pyarrow, clickhouse, versions, asOf, deletions] = answers;
    const current = await rowsOf(CURRENT);
    const history = await rowsOf(VERSIONS);
    expect(current.length).toBeGreaterThan(100);
    for (const each of [duckdb, polars, pandas, clickhouse]) expect(each).toEqual(current);
    for (const each of [versions, pyarrow]) expect(numbered(each!)).toEqual(history);
    expect(asOf).toEqual(await rowsOf(AS_OF));
    expect(numbered(deletions!)).toEqual(await rowsOf(DELETIONS));
    // The source's states: those of the facts, and of the order whose change is in quarantine.
    const beforeQuarantine = (rows: string[][]) => rows.filter(([batch, id]) => !(batch === '2' && id === '9'));
    expect(beforeQuarantine(numbered(raw!))).toEqual(history);
    expect(numbered(listed!)).toEqual(numbered(raw!));
    expect(raw!.length).toBe(history.length + 1);
  },
  LIMIT_MS,
);

if (process.env.ENGINES === 'all') {
  test.each(engines.filter(({ name }) => name === 'spark'))(
    'the example for $title shows what the warehouse shows',
    async ({ title }) => {
      expect(await run(title, ofSpark)).toEqual([await rowsOf(CURRENT)]);
    },
    LIMIT_MS,
  );
}

// The number of a batch is text in some engines, with its zeros in front.
const numbered = (rows: readonly string[][]) => rows.map(([batch, ...rest]) => [String(Number(batch)), ...rest]);
