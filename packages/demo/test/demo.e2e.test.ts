import { until } from '@totesys/sandbox';
import postgres from 'postgres';
import { startCommand } from '../../system-tests/test/built-command.ts';

const FOLDER = { TMPDIR: process.env.TMPDIR ?? '/tmp' };
/** A little less than jest's limit for a test. */
const LIMIT_MS = 110_000;

test('make demo KEEP=1 leaves both databases running until it is interrupted, and then removes them', async () => {
  const { child, ended, said } = startCommand('totesys-demo', ['--keep'], FOLDER);
  try {
    const waitsOrEnds = () => said.stdout.includes('Ctrl-C stops them') || child.exitCode !== null;
    await until('the demo waits', waitsOrEnds, { limitMs: LIMIT_MS, explain: () => said.stderr });
    expect({ code: child.exitCode, stderr: said.stderr }).toMatchObject({ code: null });
    expect(said.stdout.match(/✓/g)).toHaveLength(5);
    const urls = [...said.stdout.matchAll(/psql '(.+)'/g)].map(([, url]) => url!);
    expect(urls).toHaveLength(2);
    for (const url of urls) expect(await countTables(url)).toBeGreaterThanOrEqual(11);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    for (const url of urls) await expect(countTables(url)).rejects.toThrow('ECONNREFUSED');
  } finally {
    child.kill('SIGKILL');
  }
});

async function countTables(url: string): Promise<number> {
  const sql = postgres(url, { max: 1, connect_timeout: 5 });
  try {
    const [row] = await sql`select count(*)::int as tables from pg_tables where schemaname = 'public'`;
    return row!.tables;
  } finally {
    await sql.end({ timeout: 1 });
  }
}
