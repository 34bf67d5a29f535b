import type * as arrow from 'apache-arrow';
import type * as parquet from 'parquet-wasm/esm';
import { handOver, longColumns, writerProperties } from './parquet.ts';
import { parquetWasm } from './parquet-wasm.ts';

/** Rows of a row group: memory holds about one group. */
const ROW_GROUP_ROWS = 200_000;

/**
 * Encodes tables of one schema as one Parquet object with row groups of at most 200,000 rows, and yields its bytes as
 * they are made; the same tables make the same bytes. Throws if there is no table.
 */
export async function* encodeParquetFile(tables: AsyncIterable<arrow.Table>): AsyncGenerator<Uint8Array> {
  const source = tables[Symbol.asyncIterator]();
  const first = await source.next();
  if (first.done) throw new Error('A Parquet object needs at least one table: expected rows.');
  const properties = writerProperties(first.value.schema, longColumns(first.value), ROW_GROUP_ROWS);
  let next: IteratorResult<arrow.Table> = first;
  let waiting: parquet.RecordBatch[] = [];
  const rows = new ReadableStream<parquet.RecordBatch>(
    {
      async pull(controller) {
        while (waiting.length === 0 && !next.done) {
          const table = handOver(next.value);
          waiting = table.recordBatches();
          table.free();
          next = await source.next();
        }
        const batch = waiting.shift();
        if (batch) controller.enqueue(batch);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const { transformParquetStream } = parquetWasm();
  const encoded: ReadableStream<Uint8Array> = await transformParquetStream(rows, properties);
  const reader = encoded.getReader();
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) yield chunk.value;
}
