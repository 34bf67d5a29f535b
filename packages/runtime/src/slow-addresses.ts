import { getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

/**
 * The time that each address of a host has to answer, in milliseconds: a lost SYN is sent again after a second. Node's
 * default is 250 ms: https://github.com/nodejs/node/issues/54359
 */
const ADDRESS_TIMEOUT_MS = 2_500;

/** Allows every address of a host this time to answer, for all clients of the process; a longer limit stays. */
export function allowSlowAddresses(): void {
  const timeoutMs = Math.max(getDefaultAutoSelectFamilyAttemptTimeout(), ADDRESS_TIMEOUT_MS);
  setDefaultAutoSelectFamilyAttemptTimeout(timeoutMs);
}
