import { createTestRole, type TestRole } from '@totesys/sandbox';
import { type Dimension, dimensionsOf, maskedRights, totesysModel } from '@totesys/schema';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order, waits } from '../loaded-warehouse.ts';
import type { Row } from '../processed-batch.ts';

let warehouse: LoadedWarehouse;
let role: TestRole;
const roles: TestRole[] = [];

const sql = () => warehouse.database.sql;

/** Every personal value of this test contains this word. */
const SECRET = 'Zbigniew';

const personalOf = ({ columns }: Dimension) => columns.filter(({ personal }) => personal).map(({ name }) => name);

function rowOf(table: Dimension, state: number): Row {
  const values = personalOf(table).map((name) => [name, `${SECRET} ${name} ${state}`]);
  return { ...(dimensions[table.name]?.[0] ?? { [table.key]: 1 }), ...Object.fromEntries(values) };
}

const statesOf = (state: number) =>
  Object.fromEntries(dimensionsOf(totesysModel).map((table) => [table.name, [rowOf(table, state)]]));

async function createRole(grants: (name: string) => string = () => ''): Promise<TestRole> {
  const created = await createTestRole(warehouse.database, grants);
  roles.push(created);
  return created;
}

// As psql runs it: the SQL begins and ends its own transaction.
async function runRights(name: string): Promise<void> {
  const session = await sql().reserve();
  try {
    await session.unsafe(maskedRights(totesysModel, name));
  } finally {
    await session`rollback`;
    session.release();
  }
}

// Two states of each dimension row, a changed order, a deleted one and one that waits.
beforeAll(async () => {
  warehouse = await createLoadedWarehouse();
  await warehouse.bring({ rows: { ...dimensions, ...statesOf(1), fact_sales_order: [order(1), order(2)] } });
  await warehouse.bring({
    rows: { ...statesOf(2), fact_sales_order: [order(1, { units_sold: 4 }), order(3, waits)] },
    deleted: { fact_sales_order: [2] },
  });
  role = await createRole();
  await runRights(role.name);
});

afterAll(async () => {
  for (const each of roles) await each.drop();
  await warehouse.close();
});

/** The rows of a query as the role sees them, as text; undefined if the role may not run it. */
async function readAs({ sql: asRole }: TestRole, query: string): Promise<string[] | undefined> {
  try {
    return (await asRole.unsafe(`select q::text as row from (${query}) q`)).map(({ row }) => row);
  } catch {
    return undefined;
  }
}

async function relationsIn(condition: string): Promise<string[]> {
  const found = await sql().unsafe(`
    select format('%I.%I', nspname, relname) as name from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'v', 'm', 'p', 'f') and ${condition} order by 1`);
  return found.map(({ name }) => name);
}

test('the warehouse has a personal value in each personal column, present and replaced', async () => {
  for (const table of dimensionsOf(totesysModel)) {
    for (const column of personalOf(table)) {
      const [present] = await sql().unsafe(`select ${column} as value from ${table.name} where ${table.key} = 1`);
      const [replaced] = await sql().unsafe(`select ${column} as value from etl.${table.name}_history`);
      expect([present!.value, replaced!.value]).toEqual([`${SECRET} ${column} 2`, `${SECRET} ${column} 1`]);
    }
  }
});

test('the role reads the masked schema and four tables of the pipeline, and no personal value in any relation', async () => {
  const readable: string[] = [];
  for (const relation of await relationsIn("nspname <> 'pg_toast'")) {
    const rows = await readAs(role, `select * from ${relation}`);
    if (rows === undefined) continue;
    expect({ relation, secrets: rows.filter((row) => row.includes(SECRET)) }).toEqual({ relation, secrets: [] });
    if (!/^(pg_catalog|information_schema)\./.test(relation)) readable.push(relation);
  }
  const own = ['etl.adoption', 'etl.deletion', 'etl.first_batch', 'etl.ledger'];
  expect(readable).toEqual([...own, ...(await relationsIn("nspname = 'masked'"))]);
});

test('the role reads no other column, one by one', async () => {
  const columns = await sql()`
    select format('%I.%I.%I', nspname, relname, attname) as name
      from pg_attribute a join pg_class c on c.oid = attrelid join pg_namespace n on n.oid = relnamespace
     where nspname in ('public', 'etl') and relkind <> 'i' and attnum > 0
       and has_column_privilege(${role.name}, c.oid, attnum, 'select')
       and relname not in ('ledger', 'deletion', 'first_batch', 'adoption') order by 1`;
  expect(columns.map(({ name }) => name)).toEqual([
    'etl.held.batch',
    'etl.held.fact',
    'etl.held.id',
    'etl.held.missing',
  ]);
});

test('no function returns a personal value to the role', async () => {
  const functions = await sql()`
    select nspname as schema, format('%I.%I', nspname, proname) as name,
           array(select format_type(t, null) from unnest(proargtypes) with ordinality a (t, n) order by n) as types
      from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname in ('public', 'etl', 'masked')`;
  const given: Record<string, string> = {
    integer: '2',
    text: "'fact_sales_order'",
    'timestamp without time zone': "'2031-01-01'",
  };
  const called: string[] = [];
  for (const { schema, name, types } of functions) {
    const call = `${name}(${types.map((type: string) => given[type]).join(', ')})`;
    const ofOwner = await sql().unsafe(`select q::text as row from ${call} q`);
    const rows = await readAs(role, `select * from ${call} f`);
    expect({ call, secrets: (rows ?? []).filter((row) => row.includes(SECRET)) }).toEqual({ call, secrets: [] });
    if (schema !== 'masked') continue;
    expect({ call, rows: rows?.length }).toEqual({ call, rows: ofOwner.length });
    called.push(name);
  }
  expect(called).toHaveLength(1 + totesysModel.warehouse.length + 8 + 1);
});

test('each masked view has the rows of its table, with every value that is not personal', async () => {
  for (const table of totesysModel.warehouse) {
    const personal = table.kind === 'dimension' ? personalOf(table) : [];
    const names = personal.map((name) => `'${name}'`).join(', ');
    const rowsOf = async (relation: string) =>
      await readText(`select to_jsonb(t) - array[${names}]::text[] as row from ${relation} t`);
    expect(await rowsOf(`masked.${table.name}`)).toEqual(await rowsOf(`public.${table.name}`));
    for (const row of await readText(`select to_jsonb(t) as row from masked.${table.name} t`)) {
      for (const name of personal) expect(JSON.parse(row)[name]).toBe('***');
    }
  }
});

async function readText(query: string): Promise<string[]> {
  return (await sql().unsafe(`select row::text from (${query}) q order by 1`)).map(({ row }) => row);
}

test('a key is found in the indexes of the tables through the masked views', async () => {
  for (const query of [
    'select * from masked.current_fact_sales_order where sales_order_id = 1',
    'select * from masked.fact_sales_order_as_of(2) where sales_order_id = 1',
    'select * from masked.dim_staff_as_of(2) where staff_id = 1',
  ]) {
    const plan = await sql().begin(async (transaction) => {
      await transaction`set local enable_seqscan = off`;
      return await transaction.unsafe(`explain ${query}`);
    });
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toMatch(/Index Cond: .*(sales_order_id|staff_id) = 1/);
  }
});

test('the SQL runs again, for another role, and the first one keeps its rights', async () => {
  const other = await createRole();
  await runRights(other.name);
  await runRights(other.name);
  for (const each of [role, other]) {
    expect(await readAs(each, 'select staff_id, first_name from masked.dim_staff_as_of(1)')).toHaveLength(1);
  }
});

describe('a role that reads a personal column by another right is refused', () => {
  test.each([
    ['a grant', (name: string) => `grant select (email_address) on dim_staff to ${name}`],
    ['a grant on a history', (name: string) => `grant select on etl.dim_location_history to ${name}`],
    ['a waiting row', (name: string) => `grant select on etl.held to ${name}`],
    ['a role that it belongs to', (name: string) => `alter role ${name} noinherit; grant pg_read_all_data to ${name}`],
    ['a right of a superuser', (name: string) => `alter role ${name} superuser`],
  ])('%s', async (_what, grants) => {
    const privileged = await createRole(grants);
    await expect(runRights(privileged.name)).rejects.toThrow(/may read the personal column .*Nothing was changed/);
    const [granted] = await sql()`select has_schema_privilege(${privileged.name}, 'masked', 'usage') as usage`;
    expect(granted!.usage).toBe(/superuser/.test(grants('')));
  });

  test('default privileges', async () => {
    const later = await createRole(
      (name) => `alter default privileges in schema etl grant select on tables to ${name}`,
    );
    await expect(runRights(later.name)).rejects.toThrow(/by default privileges/);
  });
});
