// Bundles each stage into one ES module with all dependencies, the AWS SDK included, so that no version of the Lambda
// runtime matters.
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, transform } from 'esbuild';
import { type ZipOptions, type Zippable, zipSync } from 'fflate';
import { checkoutVersion, STAGES, zipsVersion } from './deploy/environment.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WASM = 'parquet_wasm_bg.wasm';

// CommonJS dependencies inside an ES module still call require for Node's own modules.
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

const OPTIONS: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  mainFields: ['module', 'main'],
  banner: { js: REQUIRE },
  minify: true,
  keepNames: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * Bundles every stage into `<folder>`, beside the version of the zips and that of the checkout; returns the zips' bytes
 * by stage.
 */
export async function bundleStages(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const zips = new Map<string, Uint8Array>();
  for (const stage of STAGES) zips.set(stage, await bundleStage(stage, folder));
  await writeFile(join(folder, 'zips-version'), `${zipsVersion(folder)}\n`);
  await writeFile(join(folder, 'code-version'), `${checkoutVersion()}\n`);
  return zips;
}

/** Bundles a stage into `<folder>/<stage>/` and `<folder>/<stage>.zip`; returns the zip's bytes. */
export async function bundleStage(stage: string, folder: string): Promise<Uint8Array> {
  const outdir = join(folder, stage);
  await emptyFolder(outdir);
  await build({ ...OPTIONS, entryPoints: [`packages/${stage}/src/index.ts`], outfile: join(outdir, 'index.mjs') });
  await writeFile(join(outdir, WASM), await readWasm());
  const zip = await zipFolder(outdir);
  await writeFile(join(folder, `${stage}.zip`), zip);
  return zip;
}

/** The packages with a command: the operator's, and those that only `make` calls. */
const COMMANDS = ['cli', 'demo', 'bench', 'chaos'];

/** Bundles each command into `packages/<package>/dist/`. */
export async function bundleCommands(): Promise<void> {
  await Promise.all(COMMANDS.map(bundleCommand));
}

async function bundleCommand(name: string): Promise<void> {
  const outdir = join(ROOT, `packages/${name}/dist`);
  await emptyFolder(outdir);
  await writeFile(join(outdir, WASM), await readWasm());
  if (name === 'cli') await bundleReportPage(outdir);
  await build({
    ...OPTIONS,
    entryPoints: [`packages/${name}/src/main.ts`],
    outdir,
    outExtension: { '.js': '.mjs' },
    splitting: true,
    sourcemap: 'linked',
    minify: false,
  });
}

// The report embeds these files, so that its page needs no other.
async function bundleReportPage(outdir: string): Promise<void> {
  await build({
    absWorkingDir: ROOT,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    entryPoints: { 'report-page': 'packages/report/src/page/main.tsx' },
    outdir,
  });
  const style = await readFile(join(ROOT, 'packages/report/src/page/style.css'), 'utf8');
  await writeFile(join(outdir, 'report-page.css'), (await transform(style, { loader: 'css', minify: true })).code);
  await copyFile(join(ROOT, 'docs/questions.md'), join(outdir, 'questions.md'));
}

// The bytes of the zip depend on its files alone: names are sorted, mode and time are constant.
async function zipFolder(folder: string): Promise<Uint8Array> {
  const entries: Zippable = {};
  for (const name of (await readdir(folder)).sort()) {
    entries[name] = [new Uint8Array(await readFile(join(folder, name))), ZIP_ENTRY];
  }
  return zipSync(entries);
}

// The zip format keeps local time, so a local time yields the same bytes in every zone.
const ZIP_ENTRY: ZipOptions = { level: 9, mtime: new Date(2000, 0, 1), os: 3, attrs: 0o100644 << 16 };

function readWasm(): Promise<Uint8Array> {
  const lake = createRequire(join(ROOT, 'packages/lake/package.json'));
  return readFile(lake.resolve(`parquet-wasm/esm/${WASM}`));
}

async function emptyFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
