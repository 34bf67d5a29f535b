import { readConfig } from './config.ts';
import { makeDeps } from './deps.ts';
import { makeHandler } from './handler.ts';

/** The Lambda's entry. */
export const handler = makeHandler(makeDeps(readConfig(process.env)));
