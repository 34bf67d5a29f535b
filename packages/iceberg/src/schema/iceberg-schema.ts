import { arrowType } from '@totesys/columns';
import type { ColumnType } from '@totesys/schema';
import * as arrow from 'apache-arrow';

/** A column of an Iceberg table. The id identifies it for ever, whatever its name becomes. */
export interface TableColumn {
  readonly id: number;
  readonly name: string;
  readonly type: ColumnType;
  readonly required: boolean;
  /** A sentence about the column, for the engines' catalogues. */
  readonly about?: string;
}

/** A column as table metadata has it. Only other writers have nested types. */
export interface IcebergField {
  readonly id: number;
  readonly name: string;
  readonly required: boolean;
  readonly type: unknown;
  readonly doc?: string | undefined;
}

/** A schema as table metadata has it. */
export interface IcebergSchema {
  readonly type: 'struct';
  readonly 'schema-id': number;
  readonly fields: readonly IcebergField[];
}

/** Returns columns as a schema of table metadata. */
export function icebergSchema(columns: readonly TableColumn[], schemaId: number): IcebergSchema {
  const fields = columns.map(({ id, name, required, type, about }) => {
    const field = { id, name, required, type: icebergType(type) };
    return about === undefined ? field : { ...field, doc: about };
  });
  return { type: 'struct', 'schema-id': schemaId, fields };
}

/** Returns the type of a column in Iceberg's words. */
export function icebergType(type: ColumnType): string {
  switch (type.kind) {
    case 'boolean':
      return 'boolean';
    case 'integer':
      return 'int';
    case 'bigint':
    case 'time':
      return 'long';
    case 'numeric':
      return `decimal(${type.precision}, ${type.scale})`;
    case 'date':
      return 'date';
    case 'timestamp':
      return 'timestamp';
    default:
      return 'string';
  }
}

/** Returns the Arrow schema of a data file: each field carries its id, which Parquet keeps as `field_id`. */
export function dataFileSchema(columns: readonly TableColumn[]): arrow.Schema {
  const fields = columns.map(
    ({ id, name, type, required }) =>
      new arrow.Field(name, arrowType(type), !required, new Map([['PARQUET:field_id', String(id)]])),
  );
  return new arrow.Schema(fields);
}
