import { totesys } from './built-command.ts';

const SECRET = 'hunter2-%2Fodd';
const SOURCE = `postgres://reader:${SECRET}@127.0.0.1:1/totesys`;
const WAREHOUSE = `postgres://owner:${SECRET}@127.0.0.1:1/warehouse`;

describe('a wrong call ends with 2 and says what is expected', () => {
  test.each([
    ['an unknown command', ['frobnicate'], /unknown command/],
    ['an unknown option', ['run', '--sorce', 'x'], /unknown option/],
    ['an argument too many', ['run', 'x'], /got 1\. See/],
    ['an option without its value', ['run', '--source'], /argument missing/],
    ['nothing that is needed', ['run'], /--source.*--warehouse.*--ingestion.*--processed/],
    ['a URL that is none', ['ingest', '--source', 'nonsense', '--lake', 'x'], /source.*no URL/],
    ['a URL of another kind', ['ingest', '--source', `mysql://u:${SECRET}@h/d`, '--lake', 'x'], /mysql:/],
    ['a password where the command should be', [SOURCE], /unknown command/],
    ['a password behind an unknown option', ['run', `--sorce=${SOURCE}`], /unknown option/],
    ['a table that is none', ['accept', 'deletes', 'frobs', '--lake', 'x'], /sales_order/],
    ['two keys where one row is shown', ['quarantine', 'show', 'staff', '3,4', '--lake', 'x'], /one row to show/],
    ['a batch that is none', ['batch', 'show', '-1', '--lake', 'x'], /unknown option|no batch/],
    ['a batch that is no number', ['batch', 'accept', 'all', '--lake', 'x'], /whole number/],
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
  ])('%s shows the help that belongs to it, and ends stdout with the error', async (_what, args, help) => {
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

  test('help ends with 0 and shows the options that all commands share', async () => {
    const { code, stdout } = await totesys(['run', '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/--warehouse/);
  });
});

test('a database that refuses ends with 1, names the place, and shows no password', async () => {
  const environment = { SOURCE_URL: SOURCE, WAREHOUSE_URL: WAREHOUSE, LAKE: 'build/never' };
  const { code, stdout, stderr, json } = await totesys(['run', '--json'], environment);
  expect({ code, error: json.error }).toEqual({
    code: 1,
    error: { code: 'CONNECTION_FAILED', message: expect.stringContaining('127.0.0.1:1') },
  });
  expect(stdout + stderr).not.toContain('hunter2');
});
