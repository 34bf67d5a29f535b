import { readFile } from 'node:fs/promises';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import { s3Failure } from '../../../lake/src/stores/s3-failure.ts';
import { UsageError } from '../../src/process/usage-error.ts';
import { endsRepetition, VERDICTS } from '../../src/repeat/ends-repetition.ts';

const connection = (context: object) =>
  new PipelineError(ErrorCode.CONNECTION_FAILED, 'x', { context: context as Record<string, unknown> });
const folder = (code: string) => new PipelineError(ErrorCode.STORE_UNUSABLE, 'x', { context: { folder: '/x', code } });
const s3 = (name: string, status?: number) =>
  s3Failure(
    Object.assign(new Error(name), { name, ...(status !== undefined && { $metadata: { httpStatusCode: status } }) }),
    's3://lake',
    'get',
    '_manifests/0000000001.json',
  );

test.each([
  ['a refused password', connection({ sqlstate: '28P01' })],
  ['a user that the server refuses', connection({ sqlstate: '28000' })],
  ['a database that does not exist', connection({ sqlstate: '3D000' })],
  ['a changed schema', new PipelineError(ErrorCode.SOURCE_COLUMN_RETYPED, 'x')],
  ['a lake of another format', new PipelineError(ErrorCode.MANIFEST_UNREADABLE, 'x')],
  ['a warehouse of other lakes', new PipelineError(ErrorCode.CHAIN_BROKEN, 'x')],
  ['a wrong call', new UsageError('x')],
  ['an error of the program', new TypeError('x')],
  ['an unknown access key', s3('InvalidAccessKeyId', 403)],
  ['a session of AWS that has expired', s3('ExpiredToken', 400)],
  ['a bucket that does not exist', s3('NoSuchBucket', 404)],
  ['a bucket of another region', s3('PermanentRedirect', 301)],
  ['a store that replaces objects', new PipelineError(ErrorCode.STORE_UNUSABLE, 'x', { context: { status: 200 } })],
  ['a folder that is a file', folder('ENOTDIR')],
  ['a folder without rights', folder('EACCES')],
  ['a file system without hard links', folder('EOPNOTSUPP')],
])('%s ends the process', (_title, error) => {
  expect(endsRepetition(error)).toBe(true);
});

test.each([
  ['a server that is down', connection({ code: 'ECONNREFUSED' })],
  ['a server that starts', connection({ sqlstate: '57P03' })],
  ['a session that the server ends', connection({ sqlstate: '57P01' })],
  ['too many connections', connection({ sqlstate: '53300' })],
  ['a statement that reaches its limit', new PipelineError(ErrorCode.TIMED_OUT, 'x')],
  ['unusual deletions', new PipelineError(ErrorCode.DELETES_UNUSUAL, 'x')],
  ['too many rows in quarantine', new PipelineError(ErrorCode.QUARANTINE_THRESHOLD, 'x')],
  ['a store that cannot be reached', s3('ECONNREFUSED')],
  ['a store that answers with an error of its own', s3('InternalError', 500)],
  ['a store that is overloaded', s3('SlowDown', 503)],
  ['a store that answers too late', s3('TimeoutError')],
  ['credentials that cannot be fetched', s3('CredentialsProviderError')],
  ['a clock that is wrong', s3('RequestTimeTooSkewed', 403)],
  ['a full disk', folder('ENOSPC')],
  ['a folder that is not mounted yet', folder('ENOENT')],
])('%s is repeated', (_title, error) => {
  expect(endsRepetition(error)).toBe(false);
});

test('docs/command.md names exactly the codes that end the process', async () => {
  const page = await readFile(new URL('../../../../docs/command.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('## Repeat a run'));
  const named = (verdict: string) =>
    [...(new RegExp(`^\\| ${verdict} \\| (.*) \\|$`, 'm').exec(section)?.[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(
      ([, code]) => code,
    );
  const decided = (verdict: string) =>
    Object.keys(VERDICTS).filter((code) => VERDICTS[code as ErrorCode] === verdict && !OTHER_COMMANDS.includes(code));
  expect(named('always').sort()).toEqual(decided('ends').sort());
  expect(named('never').sort()).toEqual(decided('repeats').sort());
});

/** Codes that no command with --every reports. */
const OTHER_COMMANDS: readonly string[] = ['NOT_FOUND', 'REQUEST_UNFIT', 'EVENT_UNREADABLE', 'LETTERS_LEFT'];
