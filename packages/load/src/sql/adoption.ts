/** Records an adoption with the last record id $1 of each fact. */
export const insertAdoption = 'insert into etl.adoption (last_record_ids) values ($1::text::jsonb)';

/** A table that belongs to another role. */
export interface ForeignTable {
  readonly name: string;
  readonly owner: string;
  readonly role: string;
}

/** Selects those of the tables $1 whose owner's rights the current role lacks. */
export const selectForeignTables = `select relname as name, pg_get_userbyid(relowner) as owner, current_user as role
    from pg_class where oid = any ($1::text[]::regclass[]) and not pg_has_role(relowner, 'usage')`;
