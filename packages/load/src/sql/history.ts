/** Selects the name of `etl.first_batch` if it is missing though one of the histories $1 exists. */
export const selectLostFirstBatches = `select 'etl.first_batch' as name
   where to_regclass('etl.first_batch') is null
     and exists (select from unnest($1::text[]) history where to_regclass(history) is not null)`;

/** Selects those of the histories $2 of the dimensions $1 that are missing though they have begun. */
export const selectLostHistories = `select history as name
    from unnest($1::text[], $2::text[]) t (dimension, history)
    join etl.first_batch s using (dimension)
   where to_regclass(history) is null limit 1`;
