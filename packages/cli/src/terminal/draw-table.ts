import Table from 'cli-table3';
import { takesEscapes } from './takes-escapes.ts';

/** The least width of a column that is narrowed to fit the terminal, even if words must be broken: characters. */
const NARROWEST = 14;
/** The width that a column needs besides its text: a space on either side and a line. */
const FRAME = 3;

/** Draws a table. Columns with numbers are aligned right; a table wider than `width` has its widest columns wrapped. */
export function drawTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  width: number = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)));
  const columns = head.map((title, column) => {
    const texts = [title, ...cells.map((row) => row[column]!)];
    return {
      isNumeric: rows.some((row) => typeof row[column] === 'number'),
      natural: longest(texts),
      word: longest(texts.flatMap((text) => text.split(/\s/))),
    };
  });
  const widths = fitInto(width - 1, columns);
  const isNarrowed = (column: number) => widths[column]! < columns[column]!.natural;
  const table = new Table({
    head: [...head],
    colAligns: columns.map(({ isNumeric }) => (isNumeric ? 'right' : 'left')),
    colWidths: widths.map((columnWidth, column) => (isNarrowed(column) ? columnWidth + FRAME - 1 : null)),
    wordWrap: true,
    // With this option on, a word that is longer than its column would be cut off.
    wrapOnWordBoundary: columns.every(({ word }, column) => !isNarrowed(column) || word <= widths[column]!),
    style: {
      head: takesEscapes(process.stdout) ? ['bold'] : [],
      border: [],
      compact: !widths.some((_, at) => isNarrowed(at)),
    },
  });
  table.push(...cells);
  return table.toString();
}

// Narrows the widest columns first: down to their longest words, and only then further.
function fitInto(width: number, columns: readonly { readonly natural: number; readonly word: number }[]): number[] {
  const widths = columns.map(({ natural }) => natural);
  const narrow = (floors: readonly number[]) => {
    while (widths.reduce((sum, each) => sum + each + FRAME, 0) > width) {
      const open = widths.filter((each, column) => each > floors[column]!);
      if (open.length === 0) return;
      const widest = widths.findIndex((each, column) => each > floors[column]! && each === Math.max(...open));
      widths[widest]!--;
    }
  };
  narrow(columns.map(({ word }) => word));
  narrow(columns.map(() => NARROWEST));
  return widths;
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, ...text.split('\n').map(({ length }) => length)), 0);
}
