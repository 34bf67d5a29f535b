// Builds build/<stage>.zip for each stage and reports size and cold import; with the argument `commands`, builds the
// commands instead.
import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleCommands, bundleStages } from './bundle.ts';
import { checkoutVersion, zipsVersion } from './deploy/environment.ts';

/** A zip beyond this makes cold starts slow: bytes. */
const MOST_ZIP_BYTES = 3_000_000;
const MEASUREMENTS = 5;
/** The variables that Terraform sets: an entry reads them at import, and opens nothing before the first event. */
const CONFIGURED = {
  SOURCE_URL_PARAMETER: '/totesys/source',
  WAREHOUSE_URL_PARAMETER: '/totesys/warehouse',
  INGESTION_URI: 's3://ingestion',
  PROCESSED_URI: 's3://processed',
};

const folder = fileURLToPath(new URL('../build', import.meta.url));
await mkdir(folder, { recursive: true });

if (process.argv[2] === 'commands') {
  await bundleCommands();
} else {
  for (const [stage, zip] of await bundleStages(folder)) {
    const importMs = measureImport(join(folder, stage, 'index.mjs'));
    process.stdout.write(`build/${stage}.zip  ${(zip.length / 1e6).toFixed(2)} MB, cold import ${importMs} ms\n`);
    if (zip.length >= MOST_ZIP_BYTES) {
      process.stderr.write(`build/${stage}.zip has ${zip.length} bytes: expected fewer than ${MOST_ZIP_BYTES}.\n`);
      process.exitCode = 1;
    }
  }
  process.stdout.write(`code version ${zipsVersion(folder)}, of commit ${checkoutVersion()}\n`);
}

// The median of fresh processes, which is what a cold start pays for the code alone: milliseconds.
function measureImport(file: string): number {
  const script =
    `const t = performance.now(); await import(${JSON.stringify(file)}); console.log(performance.now() - t); ` +
    'process.exit(0);';
  const times = Array.from({ length: MEASUREMENTS }, () => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      env: { ...process.env, ...CONFIGURED },
    });
    // The bundle is one long line, so the error is at the end.
    if (child.status !== 0) throw new Error(`${file} cannot be imported: … ${child.stderr.slice(-2_000)}`);
    return Number(child.stdout);
  });
  return Math.round(times.sort((a, b) => a - b)[Math.floor(MEASUREMENTS / 2)]!);
}
