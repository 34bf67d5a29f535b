import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import * as parquet from 'parquet-wasm/esm';

const FILE = 'parquet_wasm_bg.wasm';

let isReady = false;

/** Returns parquet-wasm, compiled at its first use: a run that finds nothing to do does not compile it. */
export function parquetWasm(): typeof parquet {
  if (!isReady) {
    parquet.initSync({ module: readFileSync(findModule()) });
    isReady = true;
  }
  return parquet;
}

// A bundle has the module beside it; from source it is in the package.
function findModule(): string {
  const beside = fileURLToPath(new URL(FILE, import.meta.url));
  return existsSync(beside) ? beside : createRequire(import.meta.url).resolve(`parquet-wasm/esm/${FILE}`);
}
