import type { Fault } from './state.ts';

/** What a secret looks like. */
const SECRETS: Readonly<Record<string, RegExp>> = {
  // Except the example in an error message.
  'a URL with a password': /\b[a-z][a-z0-9+.-]*:\/\/(?!<user>:<password>@<host>)[^\s:/@"'\\]+:[^\s/@"'\\]+@/i,
  'an access key': /\b(AKIA|ASIA)[A-Z0-9]{16}\b/,
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
};

/** What in a text looks like a secret, or is the very one that is given. */
export function* findSecrets(text: string, where: string, known: readonly string[] = []): Generator<Fault> {
  for (const [what, pattern] of Object.entries(SECRETS))
    if (pattern.test(text)) yield { rule: 'there is no secret', where: `${where}: ${what}` };
  if (known.some((secret) => text.includes(secret)))
    yield { rule: 'there is no secret', where: `${where}: a password` };
}
