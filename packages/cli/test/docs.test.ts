import { readFile } from 'node:fs/promises';
import { totesysModel } from '@totesys/schema';
import { renderDataDictionary } from '../src/docs/data-dictionary.ts';
import { renderRunbook } from '../src/docs/runbook.ts';
import { renderTypes } from '../src/docs/types.ts';

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('generated pages say what the code says (make docs writes them anew)', () => {
  test('the data dictionary', async () => {
    expect(await read('docs/data-dictionary.md')).toBe(renderDataDictionary(totesysModel));
  });

  test('what becomes of a value', async () => {
    expect(await read('docs/types.md')).toBe(renderTypes());
  });

  test('the runbook', async () => {
    const errors = await read('packages/runtime/src/errors.ts');
    expect(await read('docs/runbook.md')).toBe(renderRunbook(errors));
  });

  test('the runbook has every error code', async () => {
    const errors = await read('packages/runtime/src/errors.ts');
    const codes = [...errors.matchAll(/^ {2}([A-Z_]+) = '/gm)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(10);
    for (const code of codes) expect(renderRunbook(errors)).toContain(`| \`${code}\` |`);
  });
});

describe('what it costs a month (docs/deploy.md)', () => {
  const SCALES: Readonly<Record<string, number>> = {
    each: 1,
    'a thousand': 1e3,
    'a ten thousand': 1e4,
    'a million': 1e6,
  };
  const parse = (text: string) => Number(text.replaceAll(/[*,]/g, '').replace('−', '-'));

  test('each amount is its count times its price, and the sums are sums', async () => {
    const rows = (await read('docs/deploy.md'))
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
});
