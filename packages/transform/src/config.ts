import { type Environment, parseConfig } from '@totesys/runtime';
import { z } from 'zod';

/** What the transform Lambda is told by its environment. */
export type TransformConfig = ReturnType<typeof readConfig>;

/** Reads the configuration; everything that is wrong with it is said at once. */
export function readConfig(environment: Environment) {
  const { INGESTION_URI, PROCESSED_URI, CODE_VERSION } = parseConfig(
    { INGESTION_URI: z.string(), PROCESSED_URI: z.string(), CODE_VERSION: z.string().default('unknown') },
    environment,
  );
  return { ingestionUri: INGESTION_URI, processedUri: PROCESSED_URI, codeVersion: CODE_VERSION };
}
