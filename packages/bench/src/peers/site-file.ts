import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Returns the path of a file among the packages of a venv; throws if it is missing. */
export async function siteFile(venv: string, path: string): Promise<string> {
  const [python = ''] = (await readdir(join(venv, 'lib'))).filter((name) => name.startsWith('python'));
  const file = join(venv, 'lib', python, 'site-packages', path);
  await access(file);
  return file;
}
