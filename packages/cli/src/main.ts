import { runProgram } from './process/run-program.ts';
import { createProgram } from './program.ts';

/** Runs the `totesys` command. `onListening` lets the launcher remove its own handlers of signals. */
export const main = (onListening: () => void): void => runProgram(createProgram, onListening);
