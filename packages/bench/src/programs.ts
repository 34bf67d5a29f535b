import { fileURLToPath } from 'node:url';

// Right from this folder and from `dist`, where the bundle is.
const program = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The operator's command. */
export const TOTESYS = program('cli/bin/totesys.mjs');
/** The command of this package. */
export const BENCH = program('bench/bin/totesys-bench.mjs');
/** The folder of this package, which has the scripts of peers. */
export const PACKAGE = program('bench');
