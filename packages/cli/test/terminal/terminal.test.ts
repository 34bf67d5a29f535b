import { until } from '@totesys/sandbox';
import { drawTable } from '../../src/terminal/draw-table.ts';
import { takesEscapes } from '../../src/terminal/takes-escapes.ts';
import { openTerminal, type Terminal } from '../../src/terminal/terminal.ts';

const ESCAPE = '\u001b';

test.each([
  ['xterm', true, true],
  ['dumb', true, false],
  ['xterm', false, false],
])('with TERM=%s and a terminal (%s), escape sequences are used: %s', (term, isTTY, expected) => {
  const screen = pretend({ term, isTTY, rows: 24 });
  try {
    expect(takesEscapes(process.stdout)).toBe(expected);
    if (!expected) expect(drawTable(['table'], [['address']])).not.toContain(ESCAPE);
  } finally {
    screen.restore();
  }
});

test.each([
  ['dumb', true],
  ['xterm', false],
])('with TERM=%s and a terminal (%s) no bar is drawn', async (term, isTTY) => {
  const screen = pretend({ term, isTTY, rows: 24 });
  try {
    showBars(['address', 'staff']).clearBars();
    expect(screen.written()).toBe('');
  } finally {
    screen.restore();
  }
});

test.each([2, 3, 5, 24])('a terminal of %i rows never has more bars than can be removed', async (rows) => {
  const tables = Array.from({ length: 11 }, (_, i) => `table_${i}`);
  const screen = pretend({ term: 'xterm', isTTY: true, rows });
  try {
    const terminal = showBars(tables);
    await until('a bar of the last table', () => screen.written().includes(tables.at(-1)!));
    terminal.clearBars();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequence that moves the cursor up.
    const moves = [...screen.written().matchAll(/\u001b\[(\d+)A/g)].map(([, lines]) => Number(lines));
    expect(Math.max(0, ...moves)).toBeLessThanOrEqual(rows - 1);
  } finally {
    screen.restore();
  }
});

function showBars(tables: readonly string[]): Terminal {
  const terminal = openTerminal({ json: false, verbose: false });
  const telemetry = terminal.telemetryOf('ingest');
  for (const table of tables) {
    for (const rows of [1, 2, 3]) telemetry.progress(table, rows, 3);
  }
  return terminal;
}

// Makes both streams appear as this terminal until `restore`, and collects what is written to stderr.
function pretend({ term, isTTY, rows }: { term: string; isTTY: boolean; rows: number }) {
  const chunks: string[] = [];
  const { TERM } = process.env;
  const { write } = process.stderr;
  const before = [process.stdout, process.stderr].map((stream) => {
    const { isTTY, rows, columns } = stream;
    return { stream, values: { isTTY, rows, columns } };
  });
  process.env.TERM = term;
  for (const { stream } of before) Object.assign(stream, { isTTY, rows, columns: 80 });
  process.stderr.write = ((chunk: string) => chunks.push(chunk) > 0) as typeof write;
  return {
    written: () => chunks.join(''),
    restore: () => {
      process.stderr.write = write;
      for (const { stream, values } of before) Object.assign(stream, values);
      if (TERM === undefined) delete process.env.TERM;
      else process.env.TERM = TERM;
    },
  };
}
