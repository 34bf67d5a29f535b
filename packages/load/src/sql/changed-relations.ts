/** The relations to analyze, quoted and separated by commas; null for none. */
export interface ChangedRelations {
  readonly relations: string | null;
}

/**
 * Selects those of the tables $1 that have no statistics, or of which this transaction and those since the last
 * ANALYZE changed more than $2 rows and the share $3.
 */
export const selectChangedRelations = `select string_agg(relation::text, ', ') as relations
  from (select c.oid::regclass as relation, c.reltuples, pg_stat_get_mod_since_analyze(c.oid) as before,
               pg_stat_get_xact_tuples_inserted(c.oid) + pg_stat_get_xact_tuples_updated(c.oid)
                 + pg_stat_get_xact_tuples_deleted(c.oid) as now
          from pg_class c where c.oid = any ($1::text[]::regclass[])) t
 where now > 0 and (reltuples <= 0 or now + before > greatest($2::bigint, $3::float8 * reltuples))`;
