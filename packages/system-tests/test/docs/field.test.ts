import { readFile } from 'node:fs/promises';

const root = new URL('../../../../', import.meta.url);

interface Failure {
  readonly report: string;
  readonly file: string;
  readonly name: string;
}

const page = await readFile(new URL('docs/field.md', root), 'utf8');
const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| Public report'));

test.each(rows)('names a test that exists: %s', async (row) => {
  const { report, file, name } = parseRow(row);
  expect(report).not.toBe('');
  const source = await readFile(new URL(file, root), 'utf8');
  expect(source).toContain(name);
});

test('has failures to show', () => {
  expect(rows.length).toBeGreaterThan(0);
});

// | report | input | promise | `file` name of the test |
function parseRow(row: string): Failure {
  const cells = row.split(/(?<!\\)\|/).map((cell) => cell.trim());
  const match = /^`([^`]+)` (.+)$/.exec(cells[4] ?? '');
  if (cells.length !== 6 || !match) throw new Error(`expected four cells, the last a file and a test's name: ${row}`);
  return { report: cells[1]!, file: match[1]!, name: match[2]! };
}
