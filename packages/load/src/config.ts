import { type Environment, parseConfig } from '@totesys/runtime';
import { z } from 'zod';

/** What the load Lambda is told by its environment. */
export type LoadConfig = ReturnType<typeof readConfig>;

/** Reads the configuration; everything that is wrong with it is said at once. */
export function readConfig(environment: Environment) {
  const shape = { PROCESSED_URI: z.string(), CODE_VERSION: z.string().default('unknown') };
  const config = parseConfig(shape, environment, ['WAREHOUSE_URL']);
  return { warehouse: config.WAREHOUSE_URL, processedUri: config.PROCESSED_URI, codeVersion: config.CODE_VERSION };
}
