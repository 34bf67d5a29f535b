import { readFile } from 'node:fs/promises';
import { type ColumnType, lakeColumn, star, totesysModel, type WarehouseTable } from '@totesys/schema';
import { parquetMetadata } from 'hyparquet';
import { createPipeline } from '../pipeline.ts';

/**
 * Column types of `create table` in https://docs.aws.amazon.com/athena/latest/ug/data-types.html (read on 2026-11-28).
 */
const TYPES =
  /^(boolean|tinyint|smallint|int|bigint|float|double|decimal\((\d+), (\d+)\)|char\(\d+\)|varchar\(\d+\)|string|binary|date|timestamp)$/;
const MAX_DIGITS = 38;
/**
 * https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html: lower case letters, digits and
 * underscores.
 */
const NAME = /^[a-z0-9_]{1,255}$/;

interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const tables: readonly { name: string; columns: readonly Column[] }[] = [
  ...totesysModel.source.map(({ name, columns }) => ({
    name,
    columns: Object.entries(columns).map(([column, { type }]) => ({ name: column, type })),
  })),
  ...totesysModel.warehouse.map((table: WarehouseTable) => ({
    name: table.name,
    columns: (table.columns as readonly Column[]).map(lakeColumn),
  })),
];

test.each(tables)('Athena has a type and a name for every column of $name', ({ name, columns }) => {
  expect(name).toMatch(NAME);
  for (const column of columns) {
    expect(column.name).toMatch(NAME);
    expect(['batch', 'batch_date']).not.toContain(column.name);
    const [, , digits = '0'] = TYPES.exec(athenaType(column.type))!;
    expect(Number(digits)).toBeLessThanOrEqual(MAX_DIGITS);
  }
});

test('the statement for Athena on the page has the columns and types of its table', async () => {
  const page = await readFile(new URL('../../../../docs/lake.md', import.meta.url), 'utf8');
  const [, columns] = /create external table fact_sales_order \(\n(.*?)\)\npartitioned by/s.exec(page)!;
  const declared = columns!.split(',\n').map((line) => line.trim());
  expect(declared).toEqual(
    star.factSalesOrder.columns.map(lakeColumn).map(({ name, type }) => `${name} ${athenaType(type)}`),
  );
});

test('every Parquet object of both lakes has types that all engines know, state and quarantine too', async () => {
  const pipeline = await createPipeline();
  try {
    const { sql } = pipeline.source;
    await sql`insert into address (address_id, address_line_1, city, postal_code, country, phone, last_updated) values (1, 'a', 'b', 'c', 'd', 'e', now())`;
    await pipeline.run();
    await sql`update address set city = 'f'`;
    await pipeline.run();
    const parts = (await pipeline.objects()).filter((key) => key.endsWith('.parquet'));
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      const bytes = await readFile(part);
      const { schema, row_groups } = parquetMetadata(
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      );
      for (const { name, logical_type, type } of schema.slice(1)) {
        expect(name).toMatch(NAME);
        expect(['batch', 'batch_date']).not.toContain(name);
        expect(['BOOLEAN', 'INT32', 'INT64', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']).toContain(type);
        expect([undefined, 'STRING', 'DECIMAL', 'DATE', 'TIMESTAMP', 'INTEGER']).toContain(logical_type?.type);
      }
      for (const { meta_data } of row_groups.flatMap(({ columns }) => columns))
        for (const encoding of meta_data!.encodings) expect(['PLAIN', 'RLE', 'RLE_DICTIONARY']).toContain(encoding);
    }
  } finally {
    await pipeline.close();
  }
});

function athenaType(type: ColumnType): string {
  switch (type.kind) {
    case 'boolean':
    case 'date':
    case 'timestamp':
    case 'bigint':
      return type.kind;
    case 'integer':
      return 'int';
    case 'time':
      return 'bigint';
    case 'numeric':
      return `decimal(${type.precision}, ${type.scale})`;
    default:
      return 'string';
  }
}
