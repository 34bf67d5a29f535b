import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { databaseName, libpqVariables } from '../source/libpq.ts';

const run = promisify(execFile);

/** Longer than any floor takes: milliseconds. */
const LIMIT_MS = 30 * 60_000;

/** Both ends of a pipe must succeed, and a pipe has only the exit code of its last program. */
const PIPE = `
{ psql -X -q -c "$1" --dbname="$3" || echo "the reading psql failed" >&2; } |
  psql -X -q -v ON_ERROR_STOP=1 -c "$2" --dbname="$4"`;

/** Returns the version of the psql that PATH has, or undefined if there is none. */
export async function findPsql(): Promise<string | undefined> {
  try {
    const { stdout } = await run('psql', ['--version'], { timeout: LIMIT_MS });
    return /[\d.]+/.exec(stdout)?.[0];
  } catch {
    return undefined;
  }
}

/** Pipes the output of one COPY statement into another; both databases must be on the same server. */
export async function pipeWithPsql(
  source: { readonly url: string; readonly statement: string },
  target: { readonly url: string; readonly statement: string },
): Promise<void> {
  const databases = [databaseName(source.url), databaseName(target.url)];
  await runShell(PIPE, [source.statement, target.statement, ...databases], source.url);
}

/** Runs a COPY statement and drops its output. */
export function dropWithPsql(url: string, statement: string): Promise<void> {
  return runShell(
    'psql -X -q -v ON_ERROR_STOP=1 -c "$1" --dbname="$2" >/dev/null',
    [statement, databaseName(url)],
    url,
  );
}

async function runShell(script: string, args: readonly string[], url: string): Promise<void> {
  const { stderr } = await run('/bin/sh', ['-c', script, 'sh', ...args], {
    timeout: LIMIT_MS,
    env: { PATH: process.env.PATH, ...libpqVariables(url) },
  });
  if (stderr !== '') throw new Error(`A floor failed in psql: ${stderr.trim()}`);
}
