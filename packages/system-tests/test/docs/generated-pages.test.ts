import { readFile } from 'node:fs/promises';
import { totesysModel } from '@totesys/schema';
import { DBT_SOURCES, renderDbtSources } from '../../../../scripts/docs/dbt-sources.ts';
import { ENGINE_SCRIPTS } from '../../../../scripts/docs/engine-scripts.ts';
import { renderErrorCodes } from '../../../../scripts/docs/error-codes.ts';
import { fillSections, renderSections } from '../../../../scripts/docs/sections.ts';
import { alarmEntries } from '../alarm-entries.ts';

const read = (path: string) => readFile(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const errors = await read('packages/runtime/src/errors.ts');

describe('generated sections of docs/ (make docs writes them again)', () => {
  test.each(Object.entries(renderSections(errors)))('%s has what the code declares', async (path, sections) => {
    const page = await read(path);
    expect(page).toBe(fillSections(page, sections));
  });

  test.each(ENGINE_SCRIPTS)('$path has the views of the model', async ({ path, text }) => {
    expect(await read(path)).toBe(text);
  });

  test(`${DBT_SOURCES} has what the model declares`, async () => {
    expect(await read(DBT_SOURCES)).toBe(renderDbtSources(totesysModel));
  });

  test('a section without a generator is an error, and so is a generator without a section', () => {
    const page = '<!-- types: generated from x by make docs -->\n<!-- end of types -->\n';
    expect(() => fillSections(page, {})).toThrow("No generator writes the section 'types'");
    expect(() => fillSections('', { types: '' })).toThrow("The page has no section 'types'");
  });

  test('the text outside the sections stays, and a section may contain $&', () => {
    const page = 'before\n<!-- types: generated from x by make docs -->\nold\n<!-- end of types -->\nafter\n';
    expect(fillSections(page, { types: 'a $& b' })).toBe(page.replace('old', () => '\na $& b\n'));
  });

  test('the table of error codes has every code', () => {
    const codes = [...errors.matchAll(/^ {2}([A-Z_]+) = '/gm)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(10);
    for (const code of codes) expect(renderErrorCodes(errors)).toContain(`| \`${code}\` |`);
  });
});

describe('docs/runbook.md', () => {
  test('has an entry for every alarm of terraform/modules/alarms, and for no other', async () => {
    const declared = declaredAlarms(await read('terraform/modules/alarms/main.tf'));
    expect(declared.length).toBeGreaterThan(10);
    const entries = alarmEntries(await read('docs/runbook.md'));
    const matches = (entry: string) =>
      declared.filter((alarm) =>
        new RegExp(`^${entry.replace('*', '(ingest|transform|load|reconcile)')}$`).test(alarm),
      );
    expect(entries.flatMap(matches).sort()).toEqual([...declared].sort());
    expect(entries.filter((entry) => matches(entry).length === 0)).toEqual([]);
  });
});

// The keys of the two maps in the module: those of each function, once for each stage, and those of the pipeline.
function declaredAlarms(module: string): string[] {
  const ofFunctions = [...module.matchAll(/^ {6}"([a-z-]+)-\$\{stage\}" = \{$/gm)].map(([, alarm]) => alarm!);
  const ofPipeline = [...module.matchAll(/^ {4}([a-z-]+) = \{$/gm)].map(([, alarm]) => alarm!);
  return [
    ...ofFunctions.flatMap((alarm) => ['ingest', 'transform', 'load', 'reconcile'].map((stage) => `${alarm}-${stage}`)),
    ...ofPipeline,
  ];
}

describe('what it costs a month (docs/deploy.md)', () => {
  const SCALES: Readonly<Record<string, number>> = {
    each: 1,
    'a thousand': 1e3,
    'a ten thousand': 1e4,
    'a million': 1e6,
  };
  const parse = (text: string) => Number(text.replaceAll(/[*,]/g, '').replace('−', '-'));

  test('each amount is its count times its price, and the sums are sums', async () => {
    const page = await read('docs/deploy.md');
    const rows = page
      .slice(0, page.indexOf('### dev and prod'))
      .split('\n')
      .filter((line) => /^\|.*\d\.\d\d\*{0,2} \|$/.test(line))
      .map(
        (line) =>
          line
            .split('|')
            .slice(1, -1)
            .map((cell) => cell.trim()) as [string, string, string, string, string, string],
      );
    const lines = rows.filter(([, price]) => price !== '');
    expect(lines).toHaveLength(10);
    const amounts = { quiet: 0, busy: 0 };
    for (const [name, price, quietCount, quiet, busyCount, busy] of lines) {
      const [, unit, scale] = /^([\d.]+) (.+)$/.exec(price)!;
      for (const [count, amount] of [
        [quietCount, quiet],
        [busyCount, busy],
      ] as const) {
        const exact = (Number(unit) / SCALES[scale!]!) * parse(count);
        // To the cent, of counts that are rounded to three digits.
        expect({ name, isRight: Math.abs(exact - parse(amount)) <= 0.006 + exact * 0.005 }).toEqual({
          name,
          isRight: true,
        });
      }
      amounts.quiet += parse(quiet);
      amounts.busy += parse(busy);
    }
    const [, , , quietSum, , busySum] = rows.find(([name]) => name === '**together**')!;
    const [, , , quietFree, , busyFree] = rows.find(([name]) => name.startsWith('free for ever'))!;
    const [, , , quietPaid, , busyPaid] = rows.find(([name]) => name === '**to pay**')!;
    expect([quietSum, busySum].map(parse)).toEqual([amounts.quiet, amounts.busy].map((sum) => Number(sum.toFixed(2))));
    expect([quietPaid, busyPaid].map(parse)).toEqual([
      Number((amounts.quiet + parse(quietFree)).toFixed(2)),
      Number((amounts.busy + parse(busyFree)).toFixed(2)),
    ]);
    // The promise, for the demo's volume.
    expect(amounts.quiet).toBeLessThanOrEqual(10);
  });

  // Of one environment: [line of the table, what is free of it in an account].
  const FREE: readonly (readonly [string, number])[] = [
    ['metrics of our own', 10],
    ['alarms', 10],
    ['dashboard', 3],
    ['Lambda, GB-seconds on arm64', 400_000],
    ['Lambda, runs', 1_000_000],
    ['logs, GB', 5],
    ['KMS, for the two secrets', 20_000],
  ];

  test('two environments cost twice, less what is free in one account or in two', async () => {
    const page = await read('docs/deploy.md');
    const [one, two] = [page.indexOf('| metrics of our own'), page.indexOf('### dev and prod')].map(
      (start) =>
        new Map(
          page
            .slice(start, page.indexOf('###', start + 1))
            .split('\n')
            .filter((line) => line.startsWith('| '))
            .map((line) =>
              line
                .split('|')
                .slice(1, -1)
                .map((cell) => cell.trim()),
            )
            .map(([name, ...cells]) => [name!, cells] as const),
        ),
    ) as [Map<string, string[]>, Map<string, string[]>];
    // Cells of a line: unit price, then count and amount for quiet and for busy.
    const cents = (name: string, column: number) => Math.round(parse(one.get(name)![column]!) * 100);
    const total = (volume: number) => cents('**together**', 2 + 2 * volume);
    const alone = (volume: number) => cents('**to pay**', 2 + 2 * volume);
    for (const [column, volumes] of [
      [0, [0, 0]],
      [1, [0, 1]],
    ] as const) {
      const free = FREE.map(([name, amount]) => {
        const counts = volumes.map((volume) => parse(one.get(name)![1 + 2 * volume]!));
        const costs = volumes.map((volume) => cents(name, 2 + 2 * volume));
        const [count, cost] = [counts, costs].map((each) => each[0]! + each[1]!) as [number, number];
        return Math.round(Math.min(1, amount / count) * cost);
      });
      const lines = [...two.entries()].filter(([name]) => name.startsWith('free for ever'));
      expect(lines.map(([, cells]) => Math.round(parse(cells[column]!) * 100))).toEqual(free.map((each) => -each));
      const together = volumes.reduce<number>((sum, volume) => sum + total(volume), 0);
      const shown = (name: string) => Math.round(parse(two.get(name)![column]!) * 100);
      expect(shown('together')).toBe(together);
      expect(shown('**to pay**')).toBe(together - free.reduce((sum, each) => sum + each, 0));
      expect(shown('**to pay, in accounts of their own**')).toBe(volumes.reduce<number>((sum, v) => sum + alone(v), 0));
    }
  });
});

test("README's badge shows the floor of make coverage", async () => {
  const [, floor] = /FLOOR_PERCENT = (\d+)/.exec(await read('scripts/coverage.ts')) ?? [];
  expect(await read('README.md')).toContain(`coverage-${encodeURIComponent(`≥${floor}%`)}-`);
});
