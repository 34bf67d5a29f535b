import type { DescribedRelation } from './described-relation.ts';

/** The descriptions of the pipeline's own tables, which load creates in the schema `etl`, for analysts. */
export const etlTables: readonly DescribedRelation[] = [
  {
    schema: 'etl',
    name: 'ledger',
    about: 'The loaded batches, each written together with its rows. The warehouse shows the state of the newest one.',
    columns: [
      { name: 'batch', about: 'The number of the batch: 1, 2, 3 and so on, without gaps.' },
      { name: 'manifest_sha256', about: "The checksum of the batch's manifest in the ingestion lake." },
      { name: 'processed_sha256', about: "The checksum of the batch's manifest in the processed lake." },
      {
        name: 'source_clock',
        about: "When the batch was read, by the source's clock in UTC: the warehouse shows the source as of that time.",
      },
      { name: 'rows', about: 'The number of rows of the star schema that the batch inserted or updated.' },
      { name: 'loaded_at', about: "When the batch was loaded, by the warehouse's clock." },
      {
        name: 'last_record_ids',
        about:
          'The highest record id of each fact table after the batch was loaded; versions with higher ids came later. ' +
          'Null for batches that older versions of the pipeline loaded, except the newest of them.',
      },
      {
        name: 'loaded_with',
        about:
          'The last batch that was loaded in the same transaction: the batch itself, or a later one, which corrects ' +
          'what the batch left out. The warehouse never showed a state between them. ' +
          'Null for batches from before the history of the dimensions.',
      },
    ],
  },
  {
    schema: 'etl',
    name: 'first_batch',
    about:
      'The batch that brought the first row of each key of a dimension: that of the entry with the highest from_id ' +
      'not above the key. The functions dim_*_states() show it for each row.',
    columns: [
      { name: 'dimension', about: 'The dimension or the calendar.' },
      {
        name: 'from_id',
        about: 'The first of the keys; the next entry of the dimension ends them. For the calendar: days since 1970.',
      },
      { name: 'batch', about: 'The batch; null if the rows are from before the history of the dimension.' },
    ],
  },
  {
    schema: 'etl',
    name: 'deletion',
    about: 'Facts whose rows were deleted in the source; their versions stay in the fact table.',
    columns: [
      { name: 'fact', about: 'The fact table.' },
      { name: 'id', about: "The fact's id in the source, not a record id." },
      { name: 'deleted_batch', about: 'The batch that found the row deleted.' },
      { name: 'restored_batch', about: 'The batch in which the row reappeared; null while it is deleted.' },
    ],
  },
  {
    schema: 'etl',
    name: 'held',
    about: 'Facts that wait for a dimension row: their newest version is not in the fact table yet.',
    columns: [
      { name: 'fact', about: 'The fact table.' },
      { name: 'id', about: "The fact's id in the source, not a record id." },
      { name: 'batch', about: 'The batch that brought the version.' },
      { name: 'row', about: 'The version that waits, with the columns of the fact table.' },
      { name: 'missing', about: 'The columns whose dimension row is missing.' },
    ],
  },
  {
    schema: 'etl',
    name: 'adoption',
    about:
      'Rows from before the first batch that the owner of the facts accepted with totesys load --adopt. Usually empty.',
    columns: [
      { name: 'adopted_at', about: "When they were accepted, by the warehouse's clock." },
      {
        name: 'last_record_ids',
        about: 'The highest record id of each fact table at that time; null if it had no row.',
      },
    ],
  },
  {
    schema: 'etl',
    name: 'migration',
    about: "The migrations of the warehouse's schema. Not for analysis.",
    columns: [
      { name: 'model_sha256', about: 'The checksum of the statements or comments that were applied.' },
      { name: 'applied_at', about: "When it was applied, by the warehouse's clock." },
    ],
  },
  {
    schema: 'etl',
    name: 'comment',
    about: 'The comments that the pipeline wrote. A comment with another text belongs to another author and stays.',
    columns: [
      { name: 'relation', about: 'The table or the view.' },
      { name: 'column_name', about: 'The column; empty for the comment on the table or the view.' },
      { name: 'said', about: 'The comment.' },
    ],
  },
];
