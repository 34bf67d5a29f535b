import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { populate } from '@totesys/sandbox';
import type { Model } from '@totesys/schema';
import { createPipeline } from './pipeline.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = await readFile(join(root, 'docs/add-a-table.md'), 'utf8');
const [createTables, selectDeliveries] = [...page.matchAll(/^```sql\n(.*?);\n```$/gms)].map(([, sql]) => sql!);
/** The edits of the page: a file, and what is appended to it. */
const edits = [...page.matchAll(/^Append to `packages\/schema\/src\/(\S+)`:\n\n```ts\n(.*?)^```$/gms)].map(
  ([, file, code]) => ({ file: file!, code: code! }),
);

// The model of a copy of packages/schema to which the page's code is appended.
async function editedModel(): Promise<Model> {
  const folder = await mkdtemp(join(tmpdir(), 'add-a-table-'));
  try {
    await cp(join(root, 'packages/schema/src'), folder, { recursive: true });
    for (const { file, code } of edits) await appendFile(join(folder, file), `\n${code}`);
    return (await import(join(folder, 'model.ts'))).totesysModel;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('the page has one edit of each file of the model', () => {
  expect(edits.map(({ file }) => file)).toEqual(['totesys.ts', 'star.ts']);
  expect([...page.matchAll(/^```ts$/gm)]).toHaveLength(edits.length);
});

test('tables that are added as the page says run through all three stages, with no other edit', async () => {
  const pipeline = await createPipeline(await editedModel());
  try {
    await populate(pipeline.source.sql, { seed: 1, salesOrders: 1, purchaseOrders: 1 });
    await pipeline.source.sql.unsafe(`${createTables};
      insert into courier values (1, 'Pat');
      insert into delivery values (1, 1, 1, 12.345, '2024-02-29', '2024-02-28 10:00:00', '2024-02-28 10:00:00'),
                                  (2, 1, 1, null, null, '2024-02-28 10:00:00', '2024-02-28 10:00:00')`);
    await pipeline.run();
    await pipeline.source.sql.unsafe(`update delivery set weight_kg = 99.999 where delivery_id = 2;
      update courier set courier_name = 'Patricia'`);
    await pipeline.run();
    const rows = await pipeline.warehouse.sql.unsafe(`select q::text as row from (${selectDeliveries}) q`);
    expect(rows.map(({ row }) => row)).toEqual([
      '(1,2024-02-28,Patricia,12.345,2024-02-29)',
      '(2,2024-02-28,Patricia,99.999,)',
    ]);
    expect(await pipeline.warehouse.sql`select from fact_delivery`).toHaveLength(3);
    const before = await pipeline.warehouse.sql`
      select weight_kg::text, courier_name from fact_delivery_as_of(1) join dim_courier_as_of(1) using (courier_id)
       order by delivery_id`;
    expect(before.map((row) => Object.values(row))).toEqual([
      ['12.345', 'Pat'],
      [null, 'Pat'],
    ]);
    const comments = await pipeline.warehouse.sql`
      select obj_description('current_fact_delivery'::regclass) as view,
             (select col_description(attrelid, attnum) from pg_attribute
               where attrelid = 'fact_delivery'::regclass and attname = 'weight_kg') as column`;
    expect({ ...comments[0] }).toEqual({
      view: expect.stringMatching(/^The latest version of each delivery_id in fact_delivery/),
      column: 'The weight of the parcel, in kilograms. Null if the source has none. From delivery.weight_kg.',
    });
  } finally {
    await pipeline.close();
  }
});
