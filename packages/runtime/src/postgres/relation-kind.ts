/** The names of the kinds of relation, by `pg_class.relkind`. */
const KINDS: Readonly<Record<string, string>> = {
  r: 'a table',
  p: 'a partitioned table',
  v: 'a view',
  m: 'a materialized view',
  f: 'a foreign table',
  S: 'a sequence',
  c: 'a composite type',
  i: 'an index',
  I: 'a partitioned index',
  t: 'a TOAST table',
};

/** Returns the name of a kind of relation, with its article. */
export function nameRelationKind(relkind: string): string {
  return KINDS[relkind] ?? `a relation of kind '${relkind}'`;
}
