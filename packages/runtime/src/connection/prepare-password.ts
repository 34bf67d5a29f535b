import saslprep from '@mongodb-js/saslprep';

/**
 * Characters that Postgres refuses and RFC 4013 allows: they are unassigned in Unicode 3.2 or prohibited, but their
 * normal form is allowed. Postgres checks a password before it normalizes it, RFC 4013 afterwards. Found by comparing
 * the library with Postgres 17 for every character.
 */
const REFUSED_BY_POSTGRES =
  /[\u0340\u0341\u03f9\u10fc\u1d2c-\u1dbf\u2090-\u209c\u213b\u213c\u2150-\u2152\u2189\u2c7c\u2c7d\u321d\u321e\u3244-\u3250\u327c-\u327e\u32cc-\u32cf\u32ff\u3377-\u337a\u33de\u33df\u33ff\ua69c-\uab69\ufa2e\ufa2f\ufa6b-\ufad9\ufe10-\ufe19\ufe47\ufe48\u{10781}-\u{1ccf9}\u{1d4c1}\u{1d6a4}\u{1d7ca}\u{1d7cb}\u{1e030}-\u{1fbf9}]/u;

/** Returns a password prepared by SASLprep for SCRAM; unchanged if SASLprep refuses it, as in libpq and the server. */
export function preparePassword(password: string): string {
  if (REFUSED_BY_POSTGRES.test(password)) return password;
  try {
    return saslprep(password) || password;
  } catch {
    return password;
  }
}
