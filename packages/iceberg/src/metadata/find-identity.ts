import { parse } from 'lossless-json';

/** What a table that is written again keeps of the metadata before. */
export interface TableIdentity {
  readonly 'table-uuid': string;
  readonly 'last-sequence-number': bigint;
  readonly properties: Readonly<Record<string, string>>;
}

/** Finds the identity of a table in a metadata object of any format version; undefined if it has none. */
export function findIdentity(body: Uint8Array | undefined): TableIdentity | undefined {
  const content = parseOrUndefined(body) as Partial<Record<string, unknown>> | undefined;
  const uuid = content?.['table-uuid'];
  const sequence = String(content?.['last-sequence-number'] ?? 0);
  if (typeof uuid !== 'string' || !/^\d+$/.test(sequence)) return undefined;
  const properties = (content?.properties ?? {}) as Record<string, string>;
  return { 'table-uuid': uuid, 'last-sequence-number': BigInt(sequence), properties };
}

function parseOrUndefined(body: Uint8Array | undefined): unknown {
  try {
    return body && parse(Buffer.from(body).toString('utf8'), undefined, parseNumber);
  } catch {
    return undefined;
  }
}

function parseNumber(text: string): number | bigint {
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}
