import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ReportData } from '@totesys/report';
import { populate } from '@totesys/sandbox';
import type { Browser, Page } from 'playwright-core';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { parseQuestions } from '../../src/report/parse-questions.ts';
import { accessibilityFaults, openPage, startBrowser } from './browser.ts';

/** The views whose pictures are in docs/images, and their heights in pixels: a file stays below 120 kB. */
const PICTURES = { path: 680, questions: 580, row: 680 };
const PICTURE_WIDTH = 1_240;

const docs = new URL('../../../../docs/', import.meta.url);
const questions = parseQuestions(await readFile(new URL('questions.md', docs), 'utf8'));
const browser: Browser | undefined = await startBrowser();
const withBrowser = browser ? test : test.skip;

let pipeline: Pipeline;
let folder: string;
let file: string;

// A company whose orders are edited after agreement, postponed and deleted, so that every question has an answer.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'questions-'));
  file = join(folder, 'report.html');
  pipeline = await createPipeline();
  const sql = pipeline.source.sql;
  await populate(sql, { seed: 11, salesOrders: 600, purchaseOrders: 240 });
  await sql`update sales_order set agreed_delivery_date = '2024-01-10' where sales_order_id between 3 and 14`;
  await pipeline.run();
  for (const day of [12, 15, 20, 28]) {
    await sql.unsafe(`
      update sales_order set agreed_delivery_date = '2024-01-${day}', units_sold = units_sold + 1
       where sales_order_id between 3 and ${day / 2}`);
    await sql.unsafe(`delete from sales_order where sales_order_id in (${day * 10}, ${day * 10 + 1})`);
    await pipeline.run();
  }
  await totesys(['prove'], pipeline.places);
  const row = ['--row', 'sales_order', '3'];
  const { code, stderr } = await totesys(['report', '--out', file, '--show-values', ...row], pipeline.places);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

afterAll(async () => {
  await browser?.close();
  await pipeline?.close();
  await rm(folder, { recursive: true, force: true });
});

const dataOf = async (html: string) =>
  JSON.parse(
    /<script type="application\/json" id="data">(.*)<\/script>/.exec(await readFile(html, 'utf8'))![1]!,
  ) as ReportData;

const reportTo = async (name: string, ...args: string[]) => {
  const html = join(folder, name);
  const { code, stderr } = await totesys(['report', '--out', html, ...args], pipeline.places);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return dataOf(html);
};

const openQuestions = (width = 1_280, scheme: 'light' | 'dark' = 'light') =>
  openPage(browser!, `${pathToFileURL(file).href}#questions`, scheme, width);

const textsOf = (page: Page, number: number) => page.locator(`#question-${number} tbody tr`).allInnerTexts();

test('the report asks the questions of docs/questions.md, and the warehouse answers them all', async () => {
  const data = await dataOf(file);
  expect(data.questions.map(({ number, title, sql }) => ({ number, title, sql }))).toEqual(
    questions.map(({ number, title, sql }) => ({ number, title, sql })),
  );
  expect(data.questions.filter(({ answer }) => !answer || answer.fault !== null || answer.rows.length === 0)).toEqual(
    [],
  );
  expect((await stat(file)).size).toBeLessThan(1_000_000);
});

withBrowser('each question has a chart with a name, a table with its rows, and its query', async () => {
  const { page, faults } = await openQuestions();
  const data = await dataOf(file);
  await page.locator('.card .chart svg').last().waitFor();
  for (const { number, title, sql, answer } of data.questions) {
    const card = page.locator(`#question-${number}`);
    const chart = card.getByRole('img', { name: title });
    expect({ number, marks: (await chart.locator('svg path[fill]:not([fill=none])').count()) > 1 }).toEqual({
      number,
      marks: true,
    });
    await card.getByText('Table,').click();
    await card.getByRole('table').waitFor();
    expect(await textsOf(page, number)).toEqual(answer!.rows.map((row) => row.map((value) => value ?? '–').join('\t')));
    expect(await card.locator('pre').textContent()).toBe(`${sql};`);
  }
  expect(faults).toEqual([]);
  await page.context().close();
});

withBrowser.each([
  [1_280, 'light'],
  [1_280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('the questions are accessible and not wider than a window of %i pixels: %s', async (width, scheme) => {
  const { page, faults } = await openQuestions(width, scheme);
  await page.locator('.card .chart svg').last().waitFor();
  for (const summary of await page.locator('summary').all()) await summary.click();
  expect(await accessibilityFaults(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  expect(faults).toEqual([]);
  await page.context().close();
});

test('without --show-values no question is asked, and the view says how to ask it', async () => {
  const data = await reportTo('hidden.html');
  expect(data.questions.map(({ answer }) => answer)).toEqual(questions.map(() => null));
  if (!browser) return;
  const { page } = await openPage(browser, `${pathToFileURL(join(folder, 'hidden.html')).href}#questions`);
  await page.getByText('totesys report --out FILE --warehouse URL --show-values').waitFor();
  expect(await page.locator('.card').count()).toBe(12);
  expect(await page.locator('.chart').count()).toBe(0);
  await page.context().close();
});

test('a question that fails says why, and the others are answered', async () => {
  const { sql } = pipeline.warehouse;
  await sql.unsafe('alter table etl.deletion rename column id to id_of_another_name');
  const { questions: asked } = await reportTo('failing.html', '--show-values').finally(() =>
    sql.unsafe('alter table etl.deletion rename column id_of_another_name to id'),
  );
  expect(asked.filter(({ answer }) => answer!.fault !== null).map(({ number }) => number)).toContain(12);
  expect(asked.find(({ number }) => number === 3)!.answer!.fault).toBeNull();
});

test('what stops the next run is a fault, with the command that shows the plan', async () => {
  const { sql } = pipeline.source;
  await sql`alter table design rename column file_name to name_of_file`;
  const { notices } = await reportTo('stopped.html').finally(
    () => sql`alter table design rename column name_of_file to file_name`,
  );
  expect(notices[0]).toMatchObject({ level: 'fault', text: expect.stringMatching(/^Ingest stops: .*file_name/) });
  expect(notices[0]!.command).toBe('totesys plan');
});

test('a warehouse that cannot be reached is a fault, and the lakes are shown', async () => {
  const html = join(folder, 'unreachable.html');
  const places = { ...pipeline.places, WAREHOUSE_URL: 'postgres://owner@127.0.0.1:1/warehouse' };
  const { code, stderr } = await totesys(['report', '--out', html, '--show-values'], places);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { notices, path, questions: asked } = await dataOf(html);
  expect(notices[0]).toMatchObject({ level: 'fault', text: expect.stringContaining('127.0.0.1:1') });
  expect(path.places.map(({ place, newestBatch }) => ({ place, newestBatch }))).toEqual([
    { place: 'ingestion', newestBatch: 5 },
    { place: 'processed', newestBatch: 5 },
  ]);
  expect(asked.map(({ answer }) => answer)).toEqual(questions.map(() => null));
});

// The pixels differ between browsers and fonts, so that no test compares them: `make pictures` writes them.
if (process.env.PICTURES === '1') {
  test('writes the pictures of the report in docs/images', async () => {
    const images = fileURLToPath(new URL('images/', docs));
    await mkdir(images, { recursive: true });
    for (const [view, height] of Object.entries(PICTURES)) {
      const { page } = await openPage(browser!, `${pathToFileURL(file).href}#${view}`, 'light', PICTURE_WIDTH);
      await page.setViewportSize({ width: PICTURE_WIDTH, height });
      await page.getByRole('main').waitFor();
      await writeFile(join(images, `report-${view}.png`), await page.screenshot({ animations: 'disabled' }));
      await page.context().close();
    }
  });
}
