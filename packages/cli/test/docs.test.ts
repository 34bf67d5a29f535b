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
