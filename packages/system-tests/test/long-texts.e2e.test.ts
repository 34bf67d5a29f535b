import { createHash } from 'node:crypto';
import { populate } from '@totesys/sandbox';
import { MOST_TEXT_BYTES } from '@totesys/schema';
import { totesys } from './built-command.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';

/**
 * The most memory of a stage's process, by the measure of the operating system: MiB. Stages use less than 300; the rest
 * is for other versions of Node. Before blocks and dead buffers were bounded, these rows took 590.
 */
const MOST_MEMORY = 340;
/** The SHA-256 of the text that is too long. */
const SHA256 = createHash('sha256')
  .update('x'.repeat(MOST_TEXT_BYTES + 1))
  .digest('hex');

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 50, purchaseOrders: 5 });
});

afterEach(async () => {
  await pipeline.close();
});

async function run(...args: string[]) {
  const { code, json, stderr } = await totesys([...args, '--json'], {
    SOURCE_URL: pipeline.source.url,
    WAREHOUSE_URL: pipeline.warehouse.url,
    LAKE: pipeline.lake,
    // What Node measures for `make coverage` needs memory, too.
    NODE_V8_COVERAGE: '',
  });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return json;
}

const runStages = async () => [await run('ingest'), await run('transform'), await run('load')];
const peak = ({ usage }: Record<string, unknown>) => (usage as { peakMegabytes: number }).peakMegabytes;

test('rows with texts of 15 MB go through all stages in bounded memory, and arrive', async () => {
  await pipeline.source.sql.unsafe(`alter table design alter file_name set storage external`);
  await pipeline.source.sql.unsafe(`
    update design set file_name = (select string_agg(md5(g::text || design_id), '')
                                     from generate_series(1, 15 * 32768) g)
     where design_id <= 6`);
  const [ingest, transform, load] = await runStages();
  expect(Math.max(peak(ingest!), peak(transform!), peak(load!))).toBeLessThan(MOST_MEMORY);
  const reconcile = await run('reconcile');
  expect(reconcile).toMatchObject({ equal: true, differing: 0 });
  expect(peak(reconcile)).toBeLessThan(MOST_MEMORY);
});

test('texts over 16 MiB are in quarantine, reconcile finds no difference, and they arrive when they are shorter', async () => {
  const { sql } = pipeline.source;
  await runStages();
  const long = sql`repeat('x', ${MOST_TEXT_BYTES + 1}::int)`;
  await sql`update sales_order set agreed_payment_date = ${long} where sales_order_id in (3, 4)`;
  await sql`update design set file_name = ${long} where design_id = 1`;
  await sql`update address set city = ${long}
             where address_id = (select legal_address_id from counterparty where counterparty_id = 1)`;
  expect((await runStages())[0]).toMatchObject({ quarantined: 4 });
  const listed = await run('quarantine', 'list');
  expect(listed).toMatchObject({ rows: 4 });
  expect(listed.groups).toContainEqual(
    expect.objectContaining({ table: 'sales_order', reason: 'text over 16 MiB', rows: 2, keys: [[3, 4]] }),
  );
  expect(await run('quarantine', 'show', 'sales_order', '3')).toMatchObject({
    values: [
      {
        column: 'agreed_payment_date',
        reason: `text over 16 MiB: ${MOST_TEXT_BYTES + 1} bytes, SHA-256 ${SHA256}`,
        rule: `sales_order.agreed_payment_date is text of at most ${MOST_TEXT_BYTES} bytes`,
        text: null,
      },
    ],
    row: { sales_order_id: '3', agreed_payment_date: null },
  });
  expect(await run('reconcile')).toMatchObject({ equal: true, differing: 0, unread: 0 });
  await sql`update sales_order set agreed_payment_date = '2024-01-02' where sales_order_id in (3, 4)`;
  await sql`update design set file_name = 'short' where design_id = 1`;
  await sql`update address set city = 'Leeds' where octet_length(city) > 100`;
  await runStages();
  expect(await run('quarantine', 'list')).toMatchObject({ rows: 0 });
  expect(await run('reconcile')).toMatchObject({ equal: true, differing: 0, unread: 0 });
});
