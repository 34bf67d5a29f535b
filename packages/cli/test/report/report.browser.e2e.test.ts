import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type ReportData, renderReport } from '@totesys/report';
import { populate, until } from '@totesys/sandbox';
import type { Browser, Page } from 'playwright-core';
import { startTotesys, totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { readPageFiles } from '../../src/report/page-files.ts';
import { accessibilityFaults, openPage, startBrowser } from './browser.ts';

const VIEWS = [
  'Path of the data',
  'What waits',
  'Freshness',
  'Batches',
  'Quarantine',
  'Proofs',
  'History of a row',
  'Questions',
  'Data dictionary',
];

const browser: Browser | undefined = await startBrowser();
const withBrowser = browser ? test : test.skip;

let pipeline: Pipeline;
let folder: string;
let file: string;

// Order 3 has five versions; order 8 has a date that is none, order 9 is deleted, a name in the
// warehouse is wrong, and a change is not read yet.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
  file = join(folder, 'report.html');
  pipeline = await createPipeline();
  const sql = pipeline.source.sql;
  await populate(sql, { seed: 3, salesOrders: 60, purchaseOrders: 30 });
  await sql`update sales_order set units_sold = 100, unit_price = 2.50 where sales_order_id = 3`;
  await pipeline.run();
  for (const units of [200, 300, 400, 500]) {
    await sql`update sales_order set units_sold = ${units} where sales_order_id = 3`;
    await pipeline.run();
  }
  await sql`update sales_order set agreed_delivery_date = 'next week' where sales_order_id = 8`;
  await sql`delete from sales_order where sales_order_id = 9`;
  await pipeline.run();
  await totesys(['prove'], pipeline.places);
  const { sql: warehouse } = pipeline.warehouse;
  await warehouse`update dim_staff set first_name = 'Nobody' where staff_id = 1`;
  await totesys(['prove', '--slices', '1'], pipeline.places);
  await sql`update sales_order set units_sold = 1 where sales_order_id = 10`;
  const { code, stderr } = await totesys(
    ['report', '--out', file, '--row', 'sales_order', '3', '--row', 'sales_order', '9', '--show-values'],
    pipeline.places,
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

afterAll(async () => {
  await browser?.close();
  await pipeline?.close();
  await rm(folder, { recursive: true, force: true });
});

const goTo = async (page: Page, view: string) => {
  await page.getByRole('navigation').getByRole('link', { name: view }).click();
  await page.getByRole('heading', { level: 1, name: view }).waitFor();
};

const tableOf = (page: Page, caption: RegExp) =>
  page.locator('table', { has: page.locator('caption', { hasText: caption }) });

const textsOf = async (page: Page, caption: RegExp, row: string) =>
  (
    await tableOf(page, caption)
      .locator('tr', { has: page.getByRole('rowheader', { name: row, exact: true }) })
      .locator('td')
      .allInnerTexts()
  ).map((text) => text.replace(/\s+/g, ' ').trim());

withBrowser.each(['light', 'dark'] as const)(
  'every view opens from disk, is accessible and logs no fault: %s',
  async (scheme) => {
    const { page, faults } = await openPage(browser!, pathToFileURL(file).href, scheme);
    for (const view of VIEWS) {
      await goTo(page, view);
      expect({ view, faults: await accessibilityFaults(page) }).toEqual({ view, faults: [] });
    }
    expect(faults).toEqual([]);
    await page.context().close();
  },
);

withBrowser('the path shows counts, ages and what is not read yet', async () => {
  const { page } = await openPage(browser!, pathToFileURL(file).href);
  const places = await page.getByRole('listitem').allInnerTexts();
  expect(places).toHaveLength(5);
  expect(places[0]).toMatch(/sales_order\s+59\s+1 changed/);
  expect(places[3]).toMatch(/newest batch\s+6/);
  expect(places[1]).toMatch(/waits for transform\s+nothing/);
  await page.context().close();
});

withBrowser('an order with five versions is shown version by version, as the warehouse has it', async () => {
  const { page } = await openPage(browser!, `${pathToFileURL(file).href}#row`);
  const rows = await pipeline.warehouse.sql`
    select sales_record_id, units_sold, unit_price::text from fact_sales_order where sales_order_id = 3
     order by sales_record_id`;
  expect(rows).toHaveLength(5);
  const units = await textsOf(page, /fact_sales_order: 5 versions/, 'units_sold');
  expect(units).toEqual(rows.map(({ units_sold }, i) => (i === 0 ? `${units_sold}` : `● changed: ${units_sold}`)));
  expect(await textsOf(page, /fact_sales_order: 5 versions/, 'unit_price')).toEqual(
    rows.map(({ unit_price }) => unit_price),
  );
  const heads = await tableOf(page, /fact_sales_order: 5 versions/)
    .locator('thead th')
    .allInnerTexts();
  expect(heads.slice(1).map((head) => /record (\d+)/.exec(head)?.[1])).toEqual(
    rows.map(({ sales_record_id }) => String(sales_record_id)),
  );
  expect(heads.filter((head) => head.includes('current'))).toEqual([heads[5]]);
  expect(await page.getByText('deleted in the source').count()).toBe(1);
  await page.context().close();
});

withBrowser('quarantine is listed by reason, and what waits has the command that helps', async () => {
  const { page } = await openPage(browser!, `${pathToFileURL(file).href}#quarantine`);
  expect(await page.locator('tbody tr').allInnerTexts()).toEqual([
    expect.stringMatching(/sales_order\s+agreed_delivery_date/),
  ]);
  await goTo(page, 'What waits');
  expect(await page.locator('.notices code').allInnerTexts()).toEqual([
    'totesys reconcile',
    'totesys quarantine list',
    'totesys run',
  ]);
  expect(await page.locator('.notices .fault').innerText()).toMatch(/1 row of dim_staff that differ/);
  await goTo(page, 'Proofs');
  expect(await page.locator('tbody tr td:nth-child(3)').allInnerTexts()).toEqual(['not equal', 'equal']);
  await page.context().close();
});

withBrowser('everything can be reached with the keyboard', async () => {
  const { page } = await openPage(browser!, pathToFileURL(file).href);
  await page.keyboard.press('Tab');
  expect(await page.locator(':focus').innerText()).toBe('To the content');
  await page.keyboard.press('Enter');
  expect(await page.locator(':focus').getAttribute('id')).toBe('content');
  await page.locator('nav a').first().focus();
  for (const view of VIEWS.slice(1)) {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: view }).waitFor();
    expect(await page.locator('nav a[aria-current=page]').innerText()).toContain(view);
  }
  await page.locator('input[type=search]').focus();
  await page.keyboard.type('currency_name');
  expect(await page.locator('h2').allInnerTexts()).toEqual(['dim_currency', 'etl.dim_currency_history']);
  await page.context().close();
});

withBrowser('ten thousand batches are one small file, and the page has few elements at a time', async () => {
  const html = await readFile(file, 'utf8');
  const data = JSON.parse(/<script type="application\/json" id="data">(.*)<\/script>/.exec(html)![1]!) as ReportData;
  const COUNT = 10_000;
  const numbers = (value: (index: number) => number) => Array.from({ length: COUNT }, (_, index) => value(index));
  const batches = {
    first: 1,
    readMs: numbers((index) => (index === 0 ? Date.UTC(2026, 0, 1) : 60_000 + (index % 977))),
    ingestedMs: numbers((index) => 400 + (index % 311)),
    transformedMs: numbers((index) => 900 + (index % 313)),
    loadedMs: numbers((index) => 1_900 + (index % 3_001)),
    rows: numbers((index) => 1_450 + (index % 701)),
  };
  const large = join(folder, 'large.html');
  await writeFile(large, renderReport(await readPageFiles(), { ...data, batches }));
  expect((await stat(large)).size).toBeLessThan(1_000_000);
  const { page, faults } = await openPage(browser!, `${pathToFileURL(large).href}#batches`);
  const elements = () => page.locator('*').count();
  await page.getByText('Page 1 of 100').waitFor();
  expect(await elements()).toBeLessThan(5_000);
  await page.getByRole('button', { name: 'Older batches' }).click();
  expect(await page.locator('tbody tr').first().innerText()).toMatch(/^9900\s/);
  await goTo(page, 'Freshness');
  await page.getByText('Of 10,000 batches').waitFor();
  expect(await elements()).toBeLessThan(1_000);
  expect(faults).toEqual([]);
  await page.context().close();
});

test('without --show-values the page has no value of a row', async () => {
  const hidden = join(folder, 'hidden.html');
  await pipeline.source.sql`update sales_order set agreed_payment_date = '2033-03-04' where sales_order_id = 12`;
  await pipeline.run();
  const row = ['--row', 'sales_order', '12'];
  await totesys(['report', '--out', hidden, ...row], pipeline.places);
  expect(await readFile(hidden, 'utf8')).not.toContain('2033-03-04');
  await totesys(['report', '--out', hidden, ...row, '--show-values'], pipeline.places);
  expect(await readFile(hidden, 'utf8')).toContain('2033-03-04');
});

describe('the live report', () => {
  let started: ReturnType<typeof startTotesys>;
  let url: string;

  beforeAll(async () => {
    started = startTotesys(['report', '--serve', '--show-values'], pipeline.places);
    url = await until('the address', async () => /http:\/\/127\.0\.0\.1:\d+\//.exec(started.said.stdout)?.[0]);
  });

  afterAll(async () => {
    started.child.kill('SIGINT');
    await started.ended;
  });

  const statusOf = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<number | undefined>((resolve, reject) => {
      request(new URL(path, url), { headers, method }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });

  withBrowser('it shows a new batch without a reload, and the history of any row', async () => {
    const { page, faults } = await openPage(browser!, url);
    const newest = () => page.locator('.place').nth(3).locator('dd').first().innerText();
    const before = Number(await newest());
    await pipeline.source.sql`update staff set first_name = 'Wilhelmina' where staff_id = 2`;
    await pipeline.run();
    await until('the new batch', async () => Number(await newest()) === before + 1 || undefined);
    await goTo(page, 'History of a row');
    await page.getByLabel('Table').selectOption('staff');
    await page.getByLabel('Key').fill('2');
    await page.getByRole('button', { name: 'Show its history' }).click();
    await page.getByText('dim_staff: 2 versions').waitFor();
    expect((await textsOf(page, /dim_staff: 2 versions/, 'first_name'))[1]).toBe('● changed: Wilhelmina');
    expect(faults).toEqual([]);
    await page.context().close();
  });

  test('other hosts, methods and paths are refused, and a wrong row is explained', async () => {
    expect(await statusOf('/')).toBe(200);
    expect(await statusOf('/', { host: 'evil.example:80' })).toBe(403);
    expect(await statusOf('/', {}, 'POST')).toBe(405);
    expect(await statusOf('/../../etc/passwd')).toBe(404);
    expect(await statusOf('/row.json?table=sales_order&key=x')).toBe(400);
    expect(await statusOf('/row.json?table=nothing&key=1')).toBe(400);
  });
});
