import type { S3Client } from '@aws-sdk/client-s3';
import { allowSlowAddresses } from '@totesys/runtime';

/**
 * Limits of each attempt: for the connection, for silence in both directions, and for the whole request; milliseconds.
 */
export const S3_TIMEOUTS = {
  connectionTimeout: 5_000,
  socketTimeout: 20_000,
  requestTimeout: 60_000,
  throwOnRequestTimeout: true,
};

/** The SDK for S3, and a client. */
export interface OpenS3 {
  readonly sdk: typeof import('@aws-sdk/client-s3');
  readonly client: S3Client;
}

/**
 * Returns a function that loads the SDK and opens a client at its first call, so that a command that uses only folders
 * does neither. Region, credentials and endpoint come from the environment.
 */
export function s3Opener(given?: S3Client): () => Promise<OpenS3> {
  let opened: Promise<OpenS3> | undefined;
  return () => {
    opened ??= openS3(given);
    return opened;
  };
}

async function openS3(given: S3Client | undefined): Promise<OpenS3> {
  const sdk = await import('@aws-sdk/client-s3');
  if (given) return { sdk, client: given };
  allowSlowAddresses();
  return { sdk, client: new sdk.S3Client({ requestHandler: S3_TIMEOUTS }) };
}
