/** A name as a quoted SQL identifier: the only way by which a name enters a statement. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new Error('An identifier cannot hold a NUL character.');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Names as a comma-separated list of quoted identifiers, each behind `alias.` where one is given. */
export function quoteIdentifiers(names: readonly string[], alias?: string): string {
  const prefix = alias === undefined ? '' : `${alias}.`;
  return names.map((name) => prefix + quoteIdentifier(name)).join(', ');
}
