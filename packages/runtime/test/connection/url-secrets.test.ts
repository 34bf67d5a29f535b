import fc from 'fast-check';
import { findUrlFault } from '../../../../scripts/deploy/url-fault.ts';
import { describeError, ErrorCode, parseDatabaseUrl, withoutUrls } from '../../src/index.ts';
import { piecesOf } from './pieces-of.ts';

/** Passwords that are random enough for none of their pieces to be a word of a message, with the characters that split URLs. */
const passwords = fc
  .array(fc.oneof(fc.constantFrom(...'/?#@:%&=[]\\\'"^|{}+;.'), fc.constantFrom(...'ABCDEGHJKQXZ')), {
    minLength: 8,
    maxLength: 24,
  })
  .map((characters) => characters.join(''));

describe('a password that is not encoded', () => {
  test.each([
    'Sec@ret/99#x',
    'p:a?ss w%rd',
    'a/b@c',
    '#QZ9kx',
    'x?QZ99=Sec',
    'Sec,ret',
    'Sec@ret',
    'a[b]c',
    'quo"te\'s',
  ])('%s appears in no message', (password) => expectHidden(password));

  test('appears in no message, whatever it is', () => {
    fc.assert(fc.property(passwords, expectHidden), { numRuns: 300 });
  });

  test('is blotted out of any text that quotes its URL', () => {
    fc.assert(
      fc.property(passwords, (password) => {
        const text = withoutUrls(`cannot use postgres://user:${password}@db.example.com/totesys now`);
        expect(piecesOf(password).filter((piece) => text.includes(piece))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test.each([['mysql://user:Sec@ret/99#x@host/db'], ['https://user:Sec@ret/99#x@host/db']])(
    'is blotted out of %s',
    (url) => {
      expect(withoutUrls(`no place: got ${url}.`)).toMatch(/^no place: got [a-z]+:\/\/…@host\/db\.$/);
    },
  );
});

test('says that a URL is ambiguous, and how to write it', () => {
  expect(() => parseDatabaseUrl('postgres://user:Sec@ret/99#x@host/db', 'source')).toThrow(
    /^The source's connection URL is ambiguous: .* Write \/ as %2F, \? as %3F, # as %23 and @ as %40/,
  );
});

test.each(['Sec@ret/99#x', 'p:a?ss w%rd', '#QZ9kx'])(
  'a URL with the password %s is refused, and the error shows no part of it',
  (password) => {
    const fault = findUrlFault('source', `postgres://user:${password}@db.example.com/totesys`);
    expect(fault).toMatch(/^The URL of the source is not a connection URL.*percent-encoded\.$/);
    expect(piecesOf(password).filter((piece) => fault!.includes(piece))).toEqual([]);
  },
);

test('leaves the lines of a stack as they are', () => {
  const error = new Error('failed');
  error.stack = 'Error: failed\n    at run (file:///app/node_modules/.pnpm/postgres@3.4.9/src/index.js:1:1)';
  expect(describeError(error).stack).toBe(error.stack);
});

function expectHidden(password: string): void {
  for (const url of [
    `postgres://user:${password}@db.example.com:5432/totesys`,
    `postgres://user:${password}@db.example.com/totesys?sslmode=prefer`,
    `postgres://user:${password}@`,
    // With an @ in it, what follows can only be taken for the host.
    ...(password.includes('@') ? [] : [`postgres://user:${password}`]),
  ]) {
    const said = sayOf(url);
    expect(piecesOf(password).filter((piece) => said.includes(piece))).toEqual([]);
  }
}

/** What may be shown of a URL: the message of its refusal, or the label of its database. */
function sayOf(url: string): string {
  try {
    return parseDatabaseUrl(url, 'source').label;
  } catch (error) {
    expect(error).toMatchObject({ code: ErrorCode.CONFIG_INVALID });
    return JSON.stringify(describeError(error));
  }
}
