import {
  findNewestBatch,
  type ObjectPart,
  readIngestionManifest,
  readPart,
  readProcessedManifest,
  type Store,
} from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { transform } from '@totesys/transform';
import { TYPE_CASES } from '../../../../scripts/docs/type-cases.ts';
import { compare } from '../../../reconcile/test/rows/compare.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';
import { createTorture, tortureModel } from './torture-model.ts';

/** Keys of the rows that go straight in, and of those that wait in `etl.held` first, since their owner comes late. */
const LATE = 10_000;
const BROKEN = 20_000;
const OWNER = 90_000;
const LATE_OWNER = 90_001;
const UNBORN = 90_002;

const VALUES = TYPE_CASES.flatMap(({ column, declared, cases }) =>
  cases.map((value) => ({ ...value, column, declared })),
).map((value, i) => ({ ...value, id: i + 1, name: `${value.declared} ${value.shown}` }));
const EXACT = VALUES.filter(({ reason }) => reason === undefined);
const REFUSED = VALUES.filter(({ reason }) => reason !== undefined);

let pipeline: Pipeline;

beforeAll(async () => {
  pipeline = await createPipeline(tortureModel);
  const { sql } = pipeline.source;
  await sql.unsafe(createTorture);
  await sql.unsafe(`insert into owner (id) values (${OWNER})`);
  for (const { column, declared, sql: expression, id } of VALUES) {
    const value = `(${expression})::text::${declared}`;
    await sql.unsafe(`insert into owner (id, "${column}") values (${id}, ${value})`);
    await sql.unsafe(
      `insert into torture (id, owner_id, "${column}") values (${id}, ${OWNER}, ${value}), (${id + LATE}, ` +
        `${LATE_OWNER}, ${value})`,
    );
  }
  await pipeline.run();
});

afterAll(async () => {
  await pipeline.close();
});

// Each value as Postgres writes it, by the same expression on either side; a decimal without a scale of its own as a
// number.
async function textOf(side: 'source' | 'warehouse', relation: string, column: string, id: number) {
  const value = column === 'free' ? `trim_scale(${column})::text` : `"${column}"::text`;
  const key = relation === 'dim_owner' ? 'owner_id' : 'id';
  const rows = await pipeline[side].sql.unsafe(`select ${value} as value from ${relation} where ${key} = ${id}`);
  return rows.map(({ value: text }) => text as string | null);
}

async function differences(relation: string, sourceRelation: string, shift: number): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const { column, name, id } of EXACT) {
    const expected = await textOf('source', sourceRelation, column, id + shift);
    const got = await textOf('warehouse', relation, column, id + shift);
    if (expected.length !== 1 || got.length !== 1 || got[0] !== expected[0])
      found.push({ name, got: brief(got), expected: brief(expected) });
  }
  return found;
}

const brief = (values: readonly (string | null)[]) =>
  values.map((value) => (value === null ? null : `${value.slice(0, 60)} (${value.length})`));

// What quarantine parts hold, by key.
async function readQuarantine(store: Store, parts: readonly ObjectPart[]) {
  const found = new Map<number, Record<string, string | null>>();
  for (const part of parts) {
    for await (const rows of readPart(store, part)) {
      for (const { key, column, reason, text, row } of rows.toArray().map((proxy) => proxy.toJSON())) {
        found.set(Number(key), { column, reason, text, row });
      }
    }
  }
  return found;
}

async function readIngestQuarantine(table: string) {
  const { manifest } = await readIngestionManifest(pipeline.ingestion, 1);
  const parts = manifest.quarantined.filter((part) => part.table === table);
  return readQuarantine(pipeline.ingestion, parts);
}

test('a fact shows every value that the contract carries, to the digit, the microsecond and the byte', async () => {
  expect(EXACT.length).toBeGreaterThan(80);
  expect(await differences('current_fact_torture', 'torture', 0)).toEqual([]);
});

test('a dimension shows every value that the contract carries, as a fact does', async () => {
  expect(await differences('dim_owner', 'owner', 0)).toEqual([]);
});

test('the date and the time of a timestamp are those that Postgres takes from it, and the calendar has the day', async () => {
  for (const { name, id } of EXACT.filter(({ column, sql }) => column === 'at' && sql !== 'null')) {
    const parts = (day: string) =>
      `${day}::text as day, extract(year from ${day})::int as year, extract(isodow from ${day})::int as dow, ` +
      `extract(quarter from ${day})::int as q`;
    const [expected] = await pipeline.source.sql.unsafe(
      `select "at"::time::text as time, ${parts('"at"::date')} from torture where id = ${id}`,
    );
    const [got] = await pipeline.warehouse.sql.unsafe(
      `select at_time::text as time, date_id::text as day, year, day_of_week as dow, quarter as q
         from current_fact_torture join dim_date on date_id = at_date where id = ${id}`,
    );
    expect({ name, ...got }).toEqual({ name, ...expected });
  }
});

test.each([
  ['a fact', 'torture', 0],
  ['a fact that would wait', 'torture', LATE],
  ['a dimension', 'owner', 0],
])(
  'what cannot be carried of %s is in quarantine with its reason, its exact text and its whole row',
  async (_what, table, shift) => {
    const quarantine = await readIngestQuarantine(table);
    for (const { column, name, reason, id } of REFUSED) {
      const [source] = await pipeline.source.sql.unsafe(
        `select "${column}"::text as text, (select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(t)))::text as row
         from ${table} t where id = ${id + shift}`,
      );
      const { row, ...kept } = quarantine.get(id + shift) ?? {};
      expect({ name, ...kept }).toEqual({ name, column, reason, text: source!.text });
      expect({ name, value: JSON.parse(row ?? '{}')[column] }).toEqual({ name, value: source!.text });
    }
    const expected = await pipeline.source.sql.unsafe(`select count(*)::int as rows from ${table}`);
    expect(expected[0]!.rows).toBeGreaterThan(quarantine.size);
    const ids = [...quarantine.keys()].filter((id) => (shift === 0 ? id < LATE : id >= LATE));
    expect(ids).toHaveLength(REFUSED.length);
  },
);

test('a fact with a value that cannot be carried is quarantined whole, and a dimension row arrives without the value', async () => {
  for (const { column, name, id } of REFUSED) {
    const fact = await textOf('warehouse', 'fact_torture', column, id);
    const dimension = await textOf('warehouse', 'dim_owner', column, id);
    expect({ name, fact, dimension }).toEqual({ name, fact: [], dimension: [null] });
  }
});

test('a dimension whose column must have a value that cannot be carried waits in quarantine, and its facts wait for it', async () => {
  const { sql } = pipeline.source;
  await sql`insert into owner (id, born) values (${UNBORN}, 'infinity')`;
  await sql`insert into torture (id, owner_id) values (${UNBORN}, ${UNBORN})`;
  await pipeline.run();
  expect(await textOf('warehouse', 'dim_owner', 'born', UNBORN)).toEqual([]);
  expect(await pipeline.warehouse.sql`select missing from etl.held where id = ${UNBORN}`).toEqual([
    { missing: ['owner_id'] },
  ]);
  await sql`update owner set born = '1999-12-31' where id = ${UNBORN}`;
  await pipeline.run();
  expect(await textOf('warehouse', 'dim_owner', 'born', UNBORN)).toEqual(['1999-12-31']);
  expect(await textOf('warehouse', 'current_fact_torture', 'owner_id', UNBORN)).toEqual([String(UNBORN)]);
});

test('a fact that waited for its dimension is carried as exactly as one that did not', async () => {
  const held = await pipeline.warehouse.sql`select from etl.held where fact = 'fact_torture'`;
  expect(held).toHaveLength(EXACT.length);
  await pipeline.source.sql`insert into owner (id) values (${LATE_OWNER})`;
  await pipeline.run();
  expect(await pipeline.warehouse.sql`select from etl.held`).toHaveLength(0);
  expect(await differences('current_fact_torture', 'torture', LATE)).toEqual([]);
});

test('rows that are written again with equal values make no version, and a new value beside a TOASTed one keeps it', async () => {
  const versions = async () => (await pipeline.warehouse.sql`select from fact_torture`).length;
  const before = await versions();
  await pipeline.source.sql`update torture set owner_id = owner_id`;
  await pipeline.run();
  expect(await versions()).toBe(before);

  const toasted = EXACT.filter(({ column }) => column === 'word').at(-1)!;
  await pipeline.source.sql`update torture set small = 7 where id = ${toasted.id}`;
  await pipeline.run();
  expect(await versions()).toBe(before + 1);
  expect(await textOf('warehouse', 'current_fact_torture', 'small', toasted.id)).toEqual(['7']);
  expect(await differences('current_fact_torture', 'torture', 0)).toEqual([]);
});

test('reconcile, which computes the same by SQL alone, finds every one of these values equal, and a single changed one', async () => {
  const equal = await compare(pipeline, { model: tortureModel });
  expect(equal.differences).toEqual([]);
  expect(equal.counts).toMatchObject({ fact_torture: { quarantined: 2 * REFUSED.length } });
  const { sql } = pipeline.warehouse;
  const toasted = EXACT.filter(({ column }) => column === 'word').at(-1)!;
  const put = (character: string) =>
    sql`update fact_torture set word = overlay(word placing ${character} from 900000) where id = ${toasted.id}`;
  const [row] = await sql`select substr(word, 900000, 1) as character from fact_torture where id = ${toasted.id}`;
  await put('!');
  const { differences } = await compare(pipeline, { model: tortureModel });
  await put(row!.character);
  expect(differences).toMatchObject([{ table: 'fact_torture', id: toasted.id }]);
});

test('a row that transform cannot derive is in quarantine whole, each value of it as Postgres writes it', async () => {
  const columns = TYPE_CASES.map(({ column }) => `"${column}"`).join(', ');
  await pipeline.source.sql.unsafe(
    `insert into torture (id, owner_id, due, ${columns}) select id + ${BROKEN}, ${OWNER}, 'never', ${columns} from torture
      where id in (${EXACT.map(({ id }) => id).join(', ')})`,
  );
  await pipeline.ingest();
  const { ingestion, processed } = pipeline;
  await transform({ model: tortureModel, ingestion, processed, telemetry: silentTelemetry }, 'newest');
  const { manifest } = await readProcessedManifest(processed, await findNewestBatch(processed));
  // So many at once would keep every later batch from the warehouse.
  await pipeline.source.sql`delete from torture where id between ${BROKEN} and ${BROKEN + VALUES.length}`;
  const quarantine = await readQuarantine(processed, manifest.quarantined);
  expect(quarantine.size).toBe(EXACT.length);
  for (const { column, name, id } of EXACT) {
    const [expected] = await textOf('source', 'torture', column, id);
    const { row, ...kept } = quarantine.get(id + BROKEN)!;
    const value = JSON.parse(row!)[column];
    // A decimal has the scale of the model.
    const got = column === 'free' && value !== null ? String(Number(value)) : value;
    const wanted = column === 'free' && expected ? String(Number(expected)) : expected;
    expect({ name, ...kept, got }).toEqual({
      name,
      column: 'due',
      reason: expect.any(String),
      text: 'never',
      got: wanted,
    });
  }
});
