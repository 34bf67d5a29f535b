/** The oldest Postgres whose publications can be limited to key columns. */
export const HINTS_LEAST_VERSION = 15;

/**
 * The names of what the owner of the source creates for hints. The slot and the role belong to the whole server, so one
 * database of a server can have hints.
 */
export const HINT_OBJECTS = {
  publication: 'totesys_hints',
  slot: 'totesys_hints',
  schema: 'totesys_hints',
  /** The role without login that owns both functions and has the right REPLICATION. */
  role: 'totesys_hints',
  peek: 'peek',
  advance: 'advance',
} as const;

/** The role of RDS and Aurora whose members may do what REPLICATION allows. */
export const RDS_REPLICATION = 'rds_replication';
