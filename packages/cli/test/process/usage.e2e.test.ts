import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { totesys } from '../../../system-tests/test/built-command.ts';

const COMMAND = fileURLToPath(new URL('../../bin/totesys.mjs', import.meta.url));
const SECRET = 'hunter2-%2Fodd';
const SOURCE = `postgres://reader:${SECRET}@127.0.0.1:1/totesys`;
const WAREHOUSE = `postgres://owner:${SECRET}@127.0.0.1:1/warehouse`;

describe('a usage error ends with 2 and names what is expected', () => {
  test.each([
    ['an unknown command', ['frobnicate'], /unknown command/],
    ['an unknown option', ['run', '--sorce', 'x'], /unknown option/],
    ['one argument too many', ['run', 'x'], /got 1\. See/],
    ['an option without its value', ['run', '--source'], /argument missing/],
    ['no place', ['run'], /--source.*--warehouse.*--ingestion.*--processed/],
    ['an invalid URL', ['ingest', '--source', 'nonsense', '--lake', 'x'], /source.*no URL.*<host>:<port>/],
    ['a URL of another database', ['ingest', '--source', `mysql://u:${SECRET}@h/d`, '--lake', 'x'], /mysql:/],
    ['a URL in place of the command', [SOURCE], /unknown command/],
    ['a URL after an unknown option', ['run', `--sorce=${SOURCE}`], /unknown option/],
    ['a URL that the shell has split', ['run', '--source', 'postgres://u:x', 'hunter2#y@h/d'], /in quotes/],
    [
      'a URL that the shell has split, in place of the command',
      ['--source', 'postgres://u:x', 'hunter2#y@h/d'],
      /unknown command/,
    ],
    ['a URL whose password is not encoded', ['run', '--source', 'postgres://u:Sec@hunter2/99#x@h/d'], /ambiguous/],
    ['an unknown table', ['accept', 'deletes', 'frobs', '--lake', 'x'], /sales_order/],
    ['two keys for one row', ['quarantine', 'show', 'staff', '3,4', '--lake', 'x'], /the key of one row/],
    ['a negative batch number', ['batch', 'show', '-1', '--lake', 'x'], /not valid/],
    ['a batch number that is no number', ['batch', 'accept', 'all', '--lake', 'x'], /whole number/],
  ])('%s', async (_what, args, message) => {
    const { code, stdout, stderr, json } = await totesys(['--json', ...args]);
    expect({ code, ok: json.ok }).toEqual({ code: 2, ok: false });
    expect((json.error as { message: string }).message).toMatch(message);
    expect(stderr).toMatch(message);
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test.each([
    ['no command', [], /reconcile/],
    ['a group alone', ['quarantine'], /Usage: totesys quarantine/],
    ['another group alone', ['batch'], /Usage: totesys batch/],
    ['a third group alone', ['accept'], /Usage: totesys accept/],
  ])('%s shows its help, and ends stdout with the error', async (_what, args, help) => {
    const { code, stdout, stderr, json } = await totesys([...args, '--json']);
    expect({ code, stderr, json }).toEqual({
      code: 2,
      stderr: expect.stringMatching(help),
      json: { ok: false, error: { code: 'USAGE', message: expect.stringMatching(/No command is given/) } },
    });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });

  test('no command at all shows the help', async () => {
    const { code, stdout, stderr } = await totesys([]);
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(/reconcile/);
  });

  test('help ends with 0 and shows the options of all commands', async () => {
    const { code, stdout } = await totesys(['run', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--warehouse/);
  });
});

test('a database that refuses connections ends with 1 and is named without its password', async () => {
  const environment = { SOURCE_URL: SOURCE, WAREHOUSE_URL: WAREHOUSE, LAKE: 'build/never' };
  const { code, stdout, stderr, json } = await totesys(['run', '--json'], environment);
  expect({ code, error: json.error }).toEqual({
    code: 1,
    error: { code: 'CONNECTION_FAILED', message: expect.stringContaining('127.0.0.1:1') },
  });
  expect(stdout + stderr).not.toContain('hunter2');
});

test.each([
  ['run', '--source', '--json'],
  ['status', '--lake', '--json'],
])('an option without its value is reported, in JSON if --json follows it: %j', async (...args) => {
  const { code, json } = await totesys(args);
  expect({ code, error: json.error }).toEqual({
    code: 2,
    error: { code: 'USAGE', message: expect.stringMatching(new RegExp(`'${args.at(-2)} .*Its value is missing`)) },
  });
});

test('process lists show no arguments once the launcher starts loading the program', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'command-'));
  try {
    await cp(fileURLToPath(new URL('../../bin', import.meta.url)), join(folder, 'bin'), { recursive: true });
    await mkdir(join(folder, 'dist'));
    await writeFile(
      join(folder, 'dist/main.mjs'),
      'process.stdout.write(process.title); export const main = () => {};',
    );
    const args = [join(folder, 'bin/totesys.mjs'), 'ingest', '--source', SOURCE];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('totesys ingest');
  } finally {
    await rm(folder, { recursive: true });
  }
});

(existsSync('/dev/full') ? test : test.skip)('a full output device ends with 1 and is reported', async () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [COMMAND, '--help'], {
    stdio: ['ignore', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: expect.stringMatching(/^totesys: .*output \(ENOSPC\)\.\n$/),
  });
});
