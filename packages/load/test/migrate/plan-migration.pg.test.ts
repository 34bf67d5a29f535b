import { inTransaction, ONE_SNAPSHOT, WRITING } from '@totesys/runtime';
import { type Fact, type Model, totesysModel } from '@totesys/schema';
import { applyModel } from '../../src/migrate/apply-model.ts';
import { planMigration } from '../../src/migrate/migrate.ts';
import { type MigrationStep, migrationIn } from '../../src/migrate/migration.ts';
import { createLoadedWarehouse, dimensions, type LoadedWarehouse, order } from '../loaded-warehouse.ts';

let warehouse: LoadedWarehouse;

beforeEach(async () => {
  warehouse = await createLoadedWarehouse();
});

afterEach(() => warehouse.close());

const sql = () => warehouse.database.sql;
const plan = (model = totesysModel) =>
  inTransaction(warehouse.sql, ONE_SNAPSHOT, (connection) => planMigration(connection, model));

/** Applies the model as a load does, and returns the steps that were made. */
const apply = (model: Model) =>
  inTransaction(warehouse.sql, WRITING, async (transaction) => {
    const made: MigrationStep[] = [];
    const migration = migrationIn(transaction);
    const take = async (step: MigrationStep) => {
      made.push(step);
      await migration.take(step);
    };
    expect(await applyModel({ ...migration, take }, model)).toEqual([]);
    return made;
  });

// A fact that has gained a column, as the next version may have it.
function grown(): Model {
  const derivation = { kind: 'column', column: 'note' } as const;
  const note = { name: 'note', type: { kind: 'varchar' }, nullable: true, derivation } as const;
  const grow = (fact: Fact): Fact => ({ ...fact, columns: [...fact.columns, note] });
  const tables = totesysModel.warehouse.map((table) => (table.name === 'fact_payment' ? grow(table as Fact) : table));
  return { ...totesysModel, warehouse: tables };
}

const LOST = `
  alter table fact_sales_order drop constraint fact_sales_order_sales_staff_id_fkey;
  drop index fact_payment_latest;
  drop view current_fact_sales_order;
  drop table etl.comment;
  alter table etl.ledger drop column last_record_ids cascade;
  alter table dim_staff alter column email_address drop not null;
  alter table dim_location drop constraint dim_location_pkey cascade;
  delete from etl.migration`;

describe('the plan of a migration names exactly the steps that the migration makes', () => {
  test.each([
    ['in an empty database', async () => {}, totesysModel],
    [
      'in a warehouse that has lost parts',
      async () => {
        await warehouse.bring({ rows: { ...dimensions, fact_sales_order: [order(1)] } });
        await sql().unsafe(LOST);
      },
      totesysModel,
    ],
    ['for a model that has grown', async () => void (await warehouse.run()), grown()],
  ])('%s', async (_where, prepare, model) => {
    await prepare();
    const planned = await plan(model);
    const made = await apply(model);
    expect(planned.length).toBeGreaterThan(1);
    expect(planned.filter(({ ifDiffers }) => !ifDiffers)).toEqual(made);
    await warehouse.run({ model });
    expect(await plan(model)).toEqual([]);
  });
});

test('a warehouse that differs from the model is refused by the plan as by the load', async () => {
  await warehouse.run();
  await sql().unsafe('alter table dim_staff alter column email_address type char(9); delete from etl.migration');
  const refusal = { code: 'WAREHOUSE_UNFIT', message: expect.stringContaining("column 'email_address'") };
  await expect(plan()).rejects.toMatchObject(refusal);
  await expect(warehouse.run()).rejects.toMatchObject(refusal);
});
