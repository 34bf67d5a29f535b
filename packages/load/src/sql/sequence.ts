import { type Fact, quoteIdentifier, warehouseRelation } from '@totesys/schema';

/** The options of a sequence. */
export interface SequenceRow {
  readonly increment: string;
  readonly cache: string;
  readonly cycle: boolean;
}

/** Selects the options of the sequence that column $2 of table $1 owns. */
export const selectSequence = `select s.seqincrement::text as increment, s.seqcache::text as cache, s.seqcycle as cycle
    from pg_sequence s where s.seqrelid = pg_get_serial_sequence($1::text, $2::text)::regclass`;

/** A column of record ids: its type, and whether it has a default. */
export interface RecordIdColumn {
  readonly type: string;
  readonly numbered: boolean;
}

/** Selects type and default of column $2 of table $1. */
export const selectRecordIdColumn = `select format_type(atttypid, atttypmod) as type,
         atthasdef or attidentity <> '' as numbered
    from pg_attribute where attrelid = to_regclass($1::text) and attname = $2::text`;

/** Whether the next record id is not above the highest one in use. */
export interface NextRecordId {
  readonly highest: string | null;
  readonly behind: boolean;
}

/**
 * Selects whether the next number of the sequence that column $2 of table $1 owns is not above the highest record id of
 * the fact and not above $3.
 * It calls `nextval` only if the last number seems too low: a restarted sequence shows its next number in no other way.
 */
export function selectNextRecordId(fact: Fact): string {
  return `select h.highest::text as highest,
         case when coalesce(pg_sequence_last_value(s.oid), 0) < h.highest then nextval(s.oid) <= h.highest
              else false end as behind
    from (select pg_get_serial_sequence($1::text, $2::text)::regclass as oid) s,
         (select greatest(max(${quoteIdentifier(fact.recordId)}), $3::bigint) as highest
            from ${warehouseRelation(fact.name)}) h`;
}

/** The first of the reserved record ids. */
export interface ReservedRecordIds {
  readonly first: number;
}

/** Reserves the next $3 numbers of the sequence that column $2 of table $1 owns, and selects the first of them. */
export const reserveRecordIds = `select (setval(s.oid, nextval(s.oid) + $3::bigint - 1) - $3::bigint + 1)::integer
           as first
    from (select pg_get_serial_sequence($1::text, $2::text)::regclass as oid) s`;
