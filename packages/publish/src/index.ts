import { readConfig } from './config.ts';
import { makeDeps } from './deps.ts';
import { makeHandler } from './handler.ts';

/** The entry point of the Lambda. */
export const handler = makeHandler(makeDeps(readConfig(process.env)));
