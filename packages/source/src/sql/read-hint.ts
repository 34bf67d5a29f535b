import { quoteIdentifier } from '@totesys/schema';
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

/** Advances the slot to the position $1. */
export const advanceHint = `select ${ADVANCE}($1::pg_lsn)`;
