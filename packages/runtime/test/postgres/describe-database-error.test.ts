import { inspect } from 'node:util';
import postgres from 'postgres';
import { describeDatabaseError, ErrorCode, PipelineError } from '../../src/index.ts';

describe('describeDatabaseError', () => {
  test.each([
    ['23505', ErrorCode.QUERY_FAILED],
    ['28P01', ErrorCode.CONNECTION_FAILED],
    ['57P01', ErrorCode.CONNECTION_FAILED],
    ['57014', ErrorCode.TIMED_OUT],
    ['55P03', ErrorCode.TIMED_OUT],
  ])('says SQLSTATE %s as %s', (sqlstate, code) => {
    expect(describeDatabaseError(fault({ code: sqlstate }), 'The warehouse').code).toBe(code);
  });

  test.each(['ECONNREFUSED', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT', 'DEPTH_ZERO_SELF_SIGNED_CERT'])(
    'says %s of the client as a failed connection',
    (code) => {
      const error = Object.assign(new Error('lost'), { code });
      expect(describeDatabaseError(error, 'The source').code).toBe(ErrorCode.CONNECTION_FAILED);
    },
  );

  test('names the pool size of a pooler where no further connection is accepted', () => {
    const error = Object.assign(new Error('write CONNECT_TIMEOUT'), { code: 'CONNECT_TIMEOUT' });
    const { message } = describeDatabaseError(error, 'The source', 'source');
    expect(message).toMatch(/^No further connection to the source was accepted: .*default_pool_size/);
  });

  test('keeps table and statement, and drops every field that has values of a row', () => {
    const error = fault({
      code: '22P02',
      message: 'invalid input syntax for type integer: "a secret "quoted" value"',
      detail: 'Key (id)=(a secret) already exists.',
      where: 'COPY orders, line 3, column id: "a secret"',
      table_name: 'orders',
      query: 'copy orders from stdin',
      parameters: ['a secret'],
    });
    const described = describeDatabaseError(error, 'The warehouse');
    expect(described.message).toBe('The warehouse answered 22P02: invalid input syntax for type integer: "…".');
    expect(described.context).toEqual({ sqlstate: '22P02', table: 'orders', statement: 'copy orders from stdin' });
    expect(inspect(described, { depth: null, showHidden: true })).not.toContain('a secret');
  });

  test.each([
    [
      '22P05',
      'character with byte sequence 0xf0 0x9f 0x98 0x80 in encoding "UTF8" has no equivalent in encoding "LATIN1"',
      'character with byte sequence … in encoding "UTF8" has no equivalent in encoding "LATIN1". The encoding of the database lacks this character. Create a database with encoding UTF8, and name it in the URL.',
    ],
    [
      '22021',
      'invalid byte sequence for encoding "UTF8": 0xe9 0x74 0xe9',
      'invalid byte sequence for encoding "UTF8": …. A text is not valid UTF-8, which only a database of encoding SQL_ASCII accepts. Correct that text.',
    ],
  ])('names the encodings and the remedy of %s without the bytes', (code, message, said) => {
    expect(describeDatabaseError(fault({ code, message }), 'The warehouse').message).toBe(
      `The warehouse answered ${code}: ${said}`,
    );
  });

  test('says what to do where a database may only be read', () => {
    const error = fault({ code: '25006', message: 'cannot execute CREATE SCHEMA in a read-only transaction' });
    expect(describeDatabaseError(error, "The warehouse's migration", 'warehouse').message).toBe(
      "The warehouse's migration answered 25006: cannot execute CREATE SCHEMA in a read-only transaction. The URL names a standby, or default_transaction_read_only is on. Name the primary, or set default_transaction_read_only = off for the role.",
    );
  });

  test.each([
    ['42883', 'You might need to add explicit type casts.', ' You might need to add explicit type casts.'],
    ['53300', 'Raise it', ' Raise it.'],
    ['23514', "Row 'a secret' is not good.", ''],
    ['P0001', "Row 'a secret' is not good.", ''],
  ])('says the hint of %s only where it cannot speak of rows', (code, hint, said) => {
    expect(describeDatabaseError(fault({ code, hint }), 'The warehouse').message).toBe(
      `The warehouse answered ${code}: it failed.${said}`,
    );
  });

  test.each([
    ['the message', { message: 'terminating connection due to conflict with recovery' }],
    ['the routine, where the server speaks another language', { routine: 'ProcessRecoveryConflictInterrupt' }],
  ])('names what a standby needs, by %s', (_, fields) => {
    const error = fault({ code: '40001', severity: 'FATAL', hint: 'In a moment …', ...fields });
    const described = describeDatabaseError(error, 'The source', 'source');
    expect(described.code).toBe(ErrorCode.CONNECTION_FAILED);
    expect(described.message).toMatch(/hot_standby_feedback = on.*max_standby_streaming_delay/);
    expect(described.message).not.toContain('In a moment');
  });

  test('returns a PipelineError unchanged', () => {
    const error = new PipelineError(ErrorCode.CHAIN_BROKEN, 'broken');
    expect(describeDatabaseError(error, 'The warehouse')).toBe(error);
  });
});

function fault(fields: Record<string, unknown>): Error {
  const PostgresError = postgres.PostgresError as unknown as new (fields: Record<string, unknown>) => Error;
  return new PostgresError({ message: 'it failed', ...fields });
}
