import { getDefaultAutoSelectFamilyAttemptTimeout, setDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';

/**
 * Each address of a host has this long to answer, in milliseconds: one lost SYN is sent again after a second. Node's own 250 ms are the
 * whole time that an address gets: https://github.com/nodejs/node/issues/54359
 */
const ADDRESS_TIMEOUT_MS = 2_500;

/** Gives every address of a host the time to answer, for all clients of the process; a longer time that is set already stays. */
export function allowSlowAddresses(): void {
  const timeoutMs = Math.max(getDefaultAutoSelectFamilyAttemptTimeout(), ADDRESS_TIMEOUT_MS);
  setDefaultAutoSelectFamilyAttemptTimeout(timeoutMs);
}
