import { runProgram } from './process/run-program.ts';
import { createProgram } from './program.ts';

/** Runs the `totesys` command; `handOver` removes the signal handlers of the launcher. */
export const main = (handOver: () => void): void => runProgram(createProgram, handOver);
