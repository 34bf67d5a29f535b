import postgres from 'postgres';
import { type Ended, startTotesys } from './built-command.ts';

const FOLDER = { TMPDIR: process.env.TMPDIR ?? '/tmp' };

test('make demo KEEP=1 leaves both databases running until it is interrupted, and clears them away then', async () => {
  const { child, ended, said } = startTotesys(['demo', '--keep'], FOLDER);
  await until(() => said.stdout.includes('Ctrl-C stops it'), ended);
  expect(said.stdout.match(/✓/g)).toHaveLength(5);
  const urls = [...said.stdout.matchAll(/psql '(.+)'/g)].map(([, url]) => url!);
  expect(urls).toHaveLength(2);
  for (const url of urls) expect(await countTables(url)).toBeGreaterThanOrEqual(11);
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
  for (const url of urls) await expect(countTables(url)).rejects.toThrow('ECONNREFUSED');
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

// The demo says when it waits; one that ends before says why.
async function until(holds: () => boolean, ended: Promise<Ended>): Promise<void> {
  let end: Ended | undefined;
  ended.then((result) => {
    end = result;
  });
  while (!holds()) {
    if (end) throw new Error(`The demo ended with ${end.code}: ${end.stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
