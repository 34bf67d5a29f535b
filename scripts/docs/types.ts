import { TYPE_CASES, type TypeCase } from './type-cases.ts';

/** `docs/types.md`, from the cases that the tests send through all three stages: what becomes of each value. */
export function renderTypes(): string {
  return [
    '# What becomes of a value',
    '',
    '<!-- Generated from scripts/docs/type-cases.ts by `make docs`; a test fails when it is out of date, and one sends each value through. -->',
    '',
    'A value of the source is **carried exactly**, to the digit, the microsecond and the byte, or its row is **in quarantine with the reason**.',
    'It is never changed, and never null in silence.',
    '',
    '- A fact with a value that cannot be carried waits in quarantine whole; it comes once the source holds another value there.',
    '- A row that feeds dimensions alone flows without the value (null, or the placeholder), since facts refer to it. Quarantine has the value',
    '  all the same.',
    "- Where a dimension's column must have a value and is no text, the row waits in quarantine, and the facts that refer to it wait for it.",
    '- Quarantine keeps the key, the column, the reason, the value as Postgres writes it, and the whole row.',
    '- A decimal is carried as a number: `1.50` in a column without a scale of its own shows in the warehouse as `1.5000`.',
    '- In the lake a time of day is a 64-bit count of microseconds since midnight, because several engines have no type for it. Where a fact derives a time',
    '  from a timestamp, the lake has the timestamp.',
    '- An enum arrives as its label. Text of a date (`YYYY-MM-DD`) that is none is in quarantine, too: see the data dictionary.',
    '- Text is UTF-8 whatever the source is encoded in.',
    '- A row that the source itself cannot read is in quarantine whole, with its key, the column and the SQLSTATE, and no text: damaged data (XX001, XX002),',
    '  an expression that fails (class 22), bytes that are not UTF-8 in a database of encoding SQL_ASCII (22021). A dimension keeps what it showed.',
    '',
    '| type in the source | carried exactly | in quarantine |',
    '|---|---|---|',
    ...TYPE_CASES.map(({ declared, cases }) => {
      const exact = cases.filter(({ reason }) => reason === undefined);
      const refused = cases.filter(({ reason }) => reason !== undefined);
      return `| ${declared} | ${exact.map(shownIn).join(', ')} | ${refused.map((value) => `${shownIn(value)}: ${value.reason}`).join(', ')} |`;
    }),
    '',
  ].join('\n');
}

// Within a cell a bar would end it.
function shownIn({ shown }: TypeCase): string {
  return shown === '` `' ? 'a space' : shown.replaceAll('|', '\\|');
}
