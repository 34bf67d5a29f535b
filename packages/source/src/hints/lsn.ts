/** Parses a WAL position as Postgres writes it, for example `16/B374D848`, into bytes from the start of the WAL. */
export function parseLsn(text: string): bigint {
  const match = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i.exec(text);
  if (!match) throw new Error(`'${text}' is not a WAL position.`);
  return (BigInt(`0x${match[1]}`) << 32n) | BigInt(`0x${match[2]}`);
}

/** Writes a WAL position as Postgres does. */
export function formatLsn(position: bigint): string {
  const [high, low] = [position >> 32n, position & 0xffffffffn];
  return `${high.toString(16)}/${low.toString(16)}`.toUpperCase();
}
