import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installPython, type PythonPackages } from '@totesys/sandbox';

const run = promisify(execFile);

const READERS: PythonPackages = {
  name: 'engines',
  version: '1',
  packages: [
    'chdb==4.4.0',
    'chdb-core==26.9.0',
    'cramjam==2.14.0',
    'duckdb==2.0.1',
    'fastparquet==2026.9.0',
    'fsspec==2026.9.0',
    'numpy==2.4.6',
    'pandas==3.1.1',
    'polars==2.1.0',
    'pyarrow==26.0.1',
  ],
};
// Without setuptools, PySpark 3.5 does not start on Python 3.12 and newer.
const spark = (version: string): PythonPackages => ({
  name: 'spark',
  version,
  packages: [`pyspark==${version}`, 'setuptools==80.10.2'],
});

/** An engine: its name in read_lake.py, and the packages that it needs. */
export interface Engine {
  readonly title: string;
  readonly name: string;
  readonly packages: PythonPackages;
}

const reader = (name: string): Engine => ({ title: name, name, packages: READERS });
const READER_NAMES = ['duckdb', 'polars', 'pyarrow', 'pandas', 'fastparquet', 'chdb'];

/** The engines that this run tries: with `ENGINES=all` the two Sparks, which need Java, too. */
export const engines: readonly Engine[] = [
  ...READER_NAMES.map(reader),
  ...(process.env.ENGINES === 'all'
    ? ['3.5.9', '4.3.0'].map((version) => ({ title: `Spark ${version}`, name: 'spark', packages: spark(version) }))
    : []),
];

/** Whether a missing tool fails the run. */
const isRequired = process.env.CI === 'true' || process.env.EMULATOR === 'required' || process.env.ENGINES === 'all';

/** Returns the Python of each package set, or undefined where it cannot be had and nothing requires it. */
export async function installEngines(): Promise<ReadonlyMap<PythonPackages, string> | undefined> {
  const pythons = new Map<PythonPackages, string>();
  for (const { packages } of engines) {
    if (pythons.has(packages)) continue;
    const python = await installPython(packages);
    if (typeof python === 'string') pythons.set(packages, python);
    else if (isRequired) throw new Error(python.missing);
    else return undefined;
  }
  return pythons;
}

/**
 * Runs a script of this folder with an argument and a file of JSON; returns the JSON that it prints. The clock of the
 * session is UTC.
 */
export async function runPython<T>(
  python: string,
  script: string,
  given: { readonly argument: string; readonly input: unknown; readonly cwd?: string },
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  try {
    const input = join(folder, 'input.json');
    await writeFile(input, JSON.stringify(given.input));
    const path = fileURLToPath(new URL(script, import.meta.url));
    const { stdout } = await run(python, [path, given.argument, input], {
      cwd: given.cwd ?? folder,
      env: { ...process.env, TZ: 'UTC', PYTHONDONTWRITEBYTECODE: '1', SPARK_LOCAL_IP: '127.0.0.1' },
      maxBuffer: 1024 ** 3,
    });
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as T;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
