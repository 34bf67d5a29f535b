import { quoteIdentifier, quoteLiteral } from '@totesys/schema';
import { HINT_OBJECTS } from '../hints/hint-objects.ts';

const SCHEMA = quoteIdentifier(HINT_OBJECTS.schema);
const [PEEK, ADVANCE] = [HINT_OBJECTS.peek, HINT_OBJECTS.advance].map((name) => `${SCHEMA}.${quoteIdentifier(name)}`);

/** Sets for this transaction the position $1 up to which the slot is read, and the limit $2 in milliseconds. */
export const setPeek = `
select set_config('totesys.hint_upto', $1, true), set_config('statement_timeout', $2, true)`;

/**
 * COPY of the slot's messages. As in every COPY that ingest reads, a tuple begins with an xmin and a key; a message has
 * neither.
 */
export const peekHint = `copy (
  select '0'::xid, 0, message
    from ${PEEK}((select current_setting('totesys.hint_upto')::pg_lsn)) message) to stdout (format binary)`;

/** Sets the limit of this transaction's statements: $1 milliseconds. */
export const setStatementTimeout = `select set_config('statement_timeout', $1, true)`;

/** Advances the slot to the position $1. */
export const advanceHint = `select ${ADVANCE}($1::pg_lsn)`;

/** How much WAL has been written, and the 32 bits of the next transaction id. */
export interface HintPlaceRow {
  readonly inserted: string;
  readonly next_id: string;
}

/** Reads the position first, and then the next id; 3 is the first id that age() counts from. */
export const readHintPlace = `
select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::text as inserted,
       ((age('3'::xid)::bigint + 3) & 4294967295)::text as next_id`;

/** How much WAL a slot keeps, and how much WAL is after its confirmed position: bytes; null if the slot has lost it. */
export interface SlotWalRow {
  readonly retained: string | null;
  readonly unread: string | null;
}

/** Reads how much WAL the slot keeps. */
export const readSlotWal = `
select (pg_current_wal_insert_lsn() - restart_lsn)::text as retained,
       (pg_current_wal_insert_lsn() - confirmed_flush_lsn)::text as unread
  from pg_replication_slots where slot_name = ${quoteLiteral(HINT_OBJECTS.slot)}`;

/** The bytes of tables. */
export interface TableBytesRow {
  readonly bytes: string;
}

/** Sums the bytes of the tables with the oids of $1 (text[]). */
export const tableBytes = `
select coalesce(sum(pg_relation_size(oid::oid)), 0)::text as bytes from unnest($1::text[]) oid`;
