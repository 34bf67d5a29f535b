import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { installPython, type PythonPackages } from '@totesys/sandbox';
import type { EngineName } from '@totesys/schema';

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

const PUBLISHED_READERS: PythonPackages = {
  name: 'published',
  version: '1',
  // The extensions are those of this version of DuckDB.
  packages: [
    'chdb==4.4.0',
    'chdb-core==26.9.0',
    'duckdb==1.5.5',
    'duckdb-extension-avro==1.5.5',
    'duckdb-extension-iceberg==1.5.5',
  ],
};
// The second package has the jar of Iceberg for Spark 3.5.
const PUBLISHED_SPARK: PythonPackages = {
  name: 'published-spark',
  version: '3.5.9',
  packages: ['pyspark==3.5.9', 'snowpark-connect-deps-iceberg==1.0.2', 'setuptools==80.10.2'],
};

/** An engine: its name in the script that it runs, and the packages that it needs. */
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

/** The engines of the published tables that this run tries: with `ENGINES=all` Spark 3.5, which needs Java, too. */
export const publishedEngines: readonly (Engine & { readonly script: EngineName })[] = [
  { title: 'DuckDB', name: 'duckdb', script: 'duckdb', packages: PUBLISHED_READERS },
  { title: 'ClickHouse', name: 'chdb', script: 'clickhouse', packages: PUBLISHED_READERS },
  ...(process.env.ENGINES === 'all'
    ? [{ title: 'Spark 3.5', name: 'spark', script: 'spark' as const, packages: PUBLISHED_SPARK }]
    : []),
];

/** Whether a missing tool fails the run. */
const isRequired = process.env.CI === 'true' || process.env.EMULATOR === 'required' || process.env.ENGINES === 'all';

/** Returns the Python of each package set, or undefined where it cannot be had and nothing requires it. */
export async function installEngines(
  engines: readonly Engine[],
): Promise<ReadonlyMap<PythonPackages, string> | undefined> {
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
