import { withoutUrls } from '@totesys/runtime';

/** How much of a failed program's output is in the outcome: characters. */
const REASON_CHARACTERS = 300;

/** Returns the outcome of a tool that failed: on one line, without colours and without the credentials of a URL. */
export function describeFailure(reason: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour is one.
  const plain = withoutUrls(reason.replaceAll(/\x1b\[[\d;]*m/g, '')).replaceAll(/\s+/g, ' ');
  return `failed: ${plain.trim().slice(-REASON_CHARACTERS)}`;
}
