/** Returns a name as a quoted SQL identifier. Every name in a statement is quoted by this function. */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new Error('An identifier cannot hold a NUL character.');
  return `"${name.replaceAll('"', '""')}"`;
}

/** Returns names as a comma-separated list of quoted identifiers, each qualified by `alias` if it is given. */
export function quoteIdentifiers(names: readonly string[], alias?: string): string {
  const prefix = alias === undefined ? '' : `${alias}.`;
  return names.map((name) => prefix + quoteIdentifier(name)).join(', ');
}

/**
 * Returns a name of the model as a quoted SQL string, for statements without parameters. Never use it for values of
 * rows.
 */
export function quoteLiteral(name: string): string {
  if (/[\0\\]/.test(name)) throw new Error('A literal cannot hold a NUL character or a backslash.');
  return `'${name.replaceAll("'", "''")}'`;
}
