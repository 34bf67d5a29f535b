import { createRequire } from 'node:module';

/** The file of the program tsx, for this process's Node to run; it is found wherever the checkout's modules are. */
export const TSX_PROGRAM = createRequire(import.meta.url).resolve('tsx/cli');
