import type { DescribedRelation } from './described-relation.ts';

/** The pipeline's own tables in the warehouse, in words: what an analyst can read in each. Load makes them. */
export const etlTables: readonly DescribedRelation[] = [
  {
    schema: 'etl',
    name: 'ledger',
    about: 'Each batch that the warehouse has, written with its rows: the newest one is what the warehouse shows.',
    columns: [
      { name: 'batch', about: 'The number of the batch: 1, 2, 3 and so on, without gaps.' },
      { name: 'manifest_sha256', about: "The checksum of the batch's manifest in the ingestion lake." },
      { name: 'processed_sha256', about: "The checksum of the batch's manifest in the processed lake." },
      {
        name: 'source_clock',
        about:
          "When the batch was read, by the source's clock in UTC: the warehouse shows the source as of that moment.",
      },
      { name: 'rows', about: 'The rows of the star schema that the batch added or changed.' },
      { name: 'loaded_at', about: "When the batch was loaded, by the warehouse's clock." },
      {
        name: 'last_record_ids',
        about:
          'The highest record id of each fact table after the batch was loaded; versions with higher ids came later. Null for batches of older versions of the pipeline, except the newest of them.',
      },
    ],
  },
  {
    schema: 'etl',
    name: 'deletion',
    about: 'Facts whose rows are gone from the source; their versions stay in the fact table.',
    columns: [
      { name: 'fact', about: 'The fact table.' },
      { name: 'id', about: "The fact's id in the source, not a record id." },
      { name: 'deleted_batch', about: 'The batch that found the row gone.' },
      { name: 'restored_batch', about: 'The batch in which the row was back; null while it is gone.' },
    ],
  },
  {
    schema: 'etl',
    name: 'held',
    about: 'Facts that wait for a row of a dimension: their newest version is not in the fact table yet.',
    columns: [
      { name: 'fact', about: 'The fact table.' },
      { name: 'id', about: "The fact's id in the source, not a record id." },
      { name: 'batch', about: 'The batch that brought the version.' },
      { name: 'row', about: 'The version that waits, by the columns of the fact table.' },
      { name: 'missing', about: 'The columns whose row in the dimension is missing.' },
    ],
  },
  {
    schema: 'etl',
    name: 'adoption',
    about:
      'Rows that facts had before the first batch, which the owner accepted with totesys load --adopt. Mostly empty.',
    columns: [
      { name: 'adopted_at', about: "When they were accepted, by the warehouse's clock." },
      { name: 'last_record_ids', about: 'The highest record id of each fact table then; null where it had no row.' },
    ],
  },
  {
    schema: 'etl',
    name: 'migration',
    about: "What the pipeline has done to the warehouse's schema. Nothing in it is for analysis.",
    columns: [
      { name: 'model_sha256', about: 'The checksum of what was applied.' },
      { name: 'applied_at', about: "When it was applied, by the warehouse's clock." },
    ],
  },
  {
    schema: 'etl',
    name: 'comment',
    about: "The comments that the pipeline has written: one that says something else is somebody's own, and stays.",
    columns: [
      { name: 'relation', about: 'The table or the view.' },
      { name: 'column_name', about: 'The column; empty for the table or the view itself.' },
      { name: 'said', about: 'The comment.' },
    ],
  },
];
