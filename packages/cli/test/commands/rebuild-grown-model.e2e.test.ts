import { ingest } from '@totesys/ingest';
import { memoryStore } from '@totesys/lake';
import { load } from '@totesys/load';
import { connect, type Sql, silentTelemetry } from '@totesys/runtime';
import { createTestDatabase } from '@totesys/sandbox';
import {
  fact,
  integer,
  type Model,
  optional,
  required,
  type SourceTable,
  sourceTable,
  text,
  totesysModel,
} from '@totesys/schema';
import { transform } from '@totesys/transform';
import { createPipeline } from '../../../system-tests/test/pipeline.ts';

const columns = { visit_id: required(integer()), place: required(text()) };
const visit = sourceTable('visit', 'visit_id', columns);
const longVisit = sourceTable('visit', 'visit_id', {
  visit_id: columns.visit_id,
  note: optional(text()),
  place: columns.place,
});

const model = (source: SourceTable, names: readonly string[]): Model => ({
  source: [...totesysModel.source, source],
  warehouse: [
    ...totesysModel.warehouse,
    fact('fact_visit', source, { recordId: 'visit_record_id' }, (from) =>
      Object.fromEntries(names.map((name) => [name, from.column(name)])),
    ),
  ],
});
const short = model(visit, ['visit_id', 'place']);
const long = model(longVisit, ['visit_id', 'place', 'note']);

test('after a column is added to the model, a rebuild from the ingestion lake equals the live warehouse', async () => {
  const pipeline = await createPipeline(short);
  const fresh = await createTestDatabase();
  const options = { connections: 4, applicationName: 'test' };
  const pools: Sql[] = [];
  const open = async (subject: 'source' | 'warehouse', url: string) => {
    const sql = await connect(url, { ...options, subject });
    pools.push(sql);
    return sql;
  };
  const shared = { model: long, telemetry: silentTelemetry };
  const never = Number.MAX_SAFE_INTEGER;
  try {
    const { sql } = pipeline.source;
    await sql`create table visit (visit_id int primary key, place text not null)`;
    await sql`insert into visit values (1, 'Leeds'), (2, 'York')`;
    await pipeline.run();
    await sql`update visit set place = 'Hull' where visit_id = 2`;
    await pipeline.ingest();
    // Transform of the longer model derives a batch that ingest of the shorter model has committed.
    await sql`alter table visit add column note text`;
    await sql`update visit set note = 'new' where visit_id = 1`;
    const warehouse = await open('warehouse', pipeline.warehouse.url);
    const { ingestion, processed } = pipeline;
    await transform({ ...shared, ingestion, processed }, 'newest');
    const source = await open('source', pipeline.source.url);
    await ingest({
      ...shared,
      source,
      ingestion,
      limits: { batchRows: 1_000, deadlineMs: never },
      codeVersion: 'test',
    });
    await transform({ ...shared, ingestion, processed }, 'newest');

    const contents = (sql: Sql) =>
      sql`select visit_record_id as record, visit_id as id, place, note from fact_visit order by 1`;
    const derived = memoryStore();
    await transform({ ...shared, ingestion, processed: derived }, 'newest');
    await load({ ...shared, warehouse: await open('warehouse', fresh.url), processed: derived });
    await load({ ...shared, warehouse, processed });
    const live = (await contents(warehouse)).map((row) => ({ ...row }));
    expect(live.map(({ id, place, note }) => [id, place, note])).toEqual([
      [1, 'Leeds', null],
      [2, 'York', null],
      [2, 'Hull', null],
      [1, 'Leeds', 'new'],
    ]);
    expect((await contents(pools.at(-1)!)).map((row) => ({ ...row }))).toEqual(live);
  } finally {
    await Promise.all(pools.map((pool) => pool.end()));
    await fresh.drop();
    await pipeline.close();
  }
});
