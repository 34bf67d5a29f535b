import type { AvroRecordSchema } from './avro-file.ts';

/**
 * Returns a function that renames the fields of a record to the names of `wanted` by their ids: writers have changed
 * names, never ids. A field that the record lacks is null.
 */
export function byFieldId(found: AvroRecordSchema, wanted: AvroRecordSchema): (record: object) => object {
  const names = new Map(found.fields.map((field) => [field['field-id'], field.name]));
  const pairs = wanted.fields.map((field) => [field.name, names.get(field['field-id']) ?? field.name] as const);
  return (record) => {
    const values = record as Record<string, unknown>;
    return Object.fromEntries(pairs.map(([name, from]) => [name, values[from] ?? null]));
  };
}
