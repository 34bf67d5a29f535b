// Bundles: one ES module a stage with everything in it, AWS SDK included, so that no runtime's own version matters.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { zipSync } from 'fflate';
import { checkoutVersion, STAGES, zipsVersion } from './deploy/environment.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const WASM = 'parquet_wasm_bg.wasm';

// CommonJS dependencies inside an ES module still call require for Node's own modules.
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

const OPTIONS = {
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

/** Bundles every stage into `<folder>`, beside their version and the checkout that they are of; gives each stage's zip. */
export async function bundleStages(folder) {
  const zips = new Map();
  for (const stage of STAGES) zips.set(stage, await bundleStage(stage, folder));
  await writeFile(join(folder, 'zips-version'), `${zipsVersion(folder)}\n`);
  await writeFile(join(folder, 'code-version'), `${checkoutVersion()}\n`);
  return zips;
}

/** Bundles a stage into `<folder>/<stage>/` and `<folder>/<stage>.zip`; gives the zip's bytes. */
export async function bundleStage(stage, folder) {
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
export async function bundleCommands() {
  await Promise.all(COMMANDS.map(bundleCommand));
}

async function bundleCommand(name) {
  const outdir = join(ROOT, `packages/${name}/dist`);
  await emptyFolder(outdir);
  await writeFile(join(outdir, WASM), await readWasm());
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

// A zip whose bytes follow from its files alone: sorted, one mode, one moment.
async function zipFolder(folder) {
  const entries = {};
  for (const name of (await readdir(folder)).sort()) {
    entries[name] = [new Uint8Array(await readFile(join(folder, name))), ZIP_ENTRY];
  }
  return zipSync(entries);
}

// The zip format keeps local time, so a moment given in local time is the same bytes in every zone.
const ZIP_ENTRY = { level: 9, mtime: new Date(2000, 0, 1), os: 3, attrs: 0o100644 << 16 };

function readWasm() {
  const lake = createRequire(join(ROOT, 'packages/lake/package.json'));
  return readFile(lake.resolve(`parquet-wasm/esm/${WASM}`));
}

async function emptyFolder(folder) {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
}
