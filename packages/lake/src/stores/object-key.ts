import { ErrorCode, PipelineError } from '@totesys/runtime';

const HAS_SURROGATE = /[\ud800-\udfff]/;

/** Throws unless every store can have the key: no relative or hidden segment, leading slash or control character. */
export function checkKey(key: string): void {
  const isPlain = key.split('/').every((segment) => segment !== '' && !segment.startsWith('.'));
  if (!isPlain || hasControl(key)) refuse(key);
}

/** Throws unless keys can begin with the prefix; its last segment may be incomplete. */
export function checkPrefix(prefix: string): void {
  const isPlain = prefix.split('/').every((segment, i, all) => isPlainSegment(segment, i === all.length - 1));
  if (!isPlain || hasControl(prefix)) refuse(prefix);
}

/** Compares keys by their UTF-8 bytes, the order in which S3 lists. */
export function compareKeys(a: string, b: string): number {
  // JavaScript's order, by UTF-16 units, differs only for surrogate pairs and is much faster.
  if (HAS_SURROGATE.test(a) || HAS_SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isPlainSegment(segment: string, isLast: boolean): boolean {
  return isLast ? !segment.startsWith('.') : segment !== '' && !segment.startsWith('.');
}

function hasControl(key: string): boolean {
  for (let i = 0; i < key.length; i++) if (key.charCodeAt(i) < 0x20 || key[i] === '\\') return true;
  return false;
}

function refuse(key: string): never {
  throw new PipelineError(
    ErrorCode.STORE_UNUSABLE,
    `Object key ${JSON.stringify(key)} is not valid in every store; expected segments between single slashes, ` +
      'none of them empty or beginning with a dot. Correct the key.',
    { context: { key } },
  );
}
