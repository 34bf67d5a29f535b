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

/** A name of the model as a quoted SQL string: for views, which take no parameters. Values never come here. */
export function quoteLiteral(name: string): string {
  if (/[\0\\]/.test(name)) throw new Error('A literal cannot hold a NUL character or a backslash.');
  return `'${name.replaceAll("'", "''")}'`;
}
