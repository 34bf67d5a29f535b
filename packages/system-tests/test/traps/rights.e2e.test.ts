import { createTestRole, populate, type TestRole, TOTESYS_TABLES } from '@totesys/sandbox';
import { createPipeline, expectEqual, type Pipeline } from '../pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 7, salesOrders: 40, purchaseOrders: 20 });
});

afterEach(() => pipeline.close());

/** Has ingest read as a role of its own, which may do only what the grants say. */
async function followAs(...grants: string[]): Promise<TestRole> {
  const role = await createTestRole(pipeline.source, (name) =>
    grants.map((grant) => `grant ${grant} to ${name}`).join(';'),
  );
  await pipeline.follow(role);
  return role;
}

const eleven = TOTESYS_TABLES.map((table) => `public.${table}`).join(', ');

describe('a source user with SELECT on the eleven tables and nothing else', () => {
  test('reads the first load, changes and deletions', async () => {
    const owner = pipeline.source;
    await owner.sql.unsafe(
      'revoke all on schema public from public; revoke temporary on database ' +
        new URL(owner.url).pathname.slice(1) +
        ' from public',
    );
    await followAs('usage on schema public', `select on ${eleven}`);
    await expect(pipeline.source.sql`select from _prisma_migrations`).rejects.toMatchObject({ code: '42501' });
    await pipeline.run(300);
    await owner.sql`update sales_order set units_sold = 1 where sales_order_id = 3`;
    await owner.sql`update department set location = 'York' where department_id = 2`;
    await owner.sql`delete from payment where payment_id = 4`;
    await owner.sql`update sales_order set unit_price = 'NaN' where sales_order_id = 5`;
    await pipeline.run();
    await owner.sql`update sales_order set unit_price = 2 where sales_order_id = 5`;
    await pipeline.run();
    await expectEqual({ source: owner, warehouse: pipeline.warehouse }, { deletes: true });
  });

  test('without EXECUTE on a function of the server gets an error that names it', async () => {
    const owner = pipeline.source;
    await owner.sql.unsafe('revoke execute on function pg_control_system() from public');
    await followAs('usage on schema public', `select on ${eleven}`);
    await expect(pipeline.run()).rejects.toMatchObject({
      code: 'SOURCE_FORBIDDEN',
      message: expect.stringMatching(/Run: grant execute on function pg_control_system\(\) to the role\./),
    });
    await owner.sql.unsafe('grant execute on function pg_control_system() to public');
    await pipeline.run();
  });

  test('without rights on the schema gets an error for each missing right in turn', async () => {
    const owner = pipeline.source;
    await owner.sql.unsafe('revoke all on schema public from public');
    const { name } = await followAs('select on public.address');
    const forbidden = (grant: string) => ({
      code: 'SOURCE_FORBIDDEN',
      message: expect.stringContaining(`grant ${grant} to`),
    });
    await expect(pipeline.ingest()).rejects.toMatchObject(forbidden('usage on schema public'));
    await owner.sql.unsafe(`grant usage on schema public to ${name}`);
    await expect(pipeline.ingest()).rejects.toMatchObject(forbidden('select on public."counterparty"'));
  });

  test('whose rows a policy hides gets an error instead of deletions', async () => {
    const owner = pipeline.source;
    const { name } = await followAs('usage on schema public', `select on ${eleven}`);
    await pipeline.run();
    await owner.sql`alter table payment enable row level security`;
    await owner.sql`create policy half on payment using (payment_id % 2 = 0)`;
    const before = await pipeline.objects();
    await expect(pipeline.ingest()).rejects.toMatchObject({
      code: 'SOURCE_FORBIDDEN',
      message: expect.stringMatching(/payment.*row-level security.*bypassrls/is),
      context: { table: 'payment' },
    });
    expect(await pipeline.objects()).toEqual(before);
    await owner.sql.unsafe(`alter role ${name} bypassrls`);
    expect(await pipeline.ingest()).toMatchObject({ outcome: 'unchanged' });
  });

  test('whose rows a policy hides at a first load gets an error, too', async () => {
    const owner = pipeline.source;
    await followAs('usage on schema public', `select on ${eleven}`);
    await owner.sql`alter table department enable row level security`;
    await expect(pipeline.ingest()).rejects.toMatchObject({
      code: 'SOURCE_FORBIDDEN',
      context: { table: 'department' },
    });
    expect(await pipeline.objects()).toEqual([]);
  });
});
