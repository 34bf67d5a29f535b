import { live, populate } from '@totesys/sandbox';
import { totesysModel } from '@totesys/schema';
import { createPipeline, type Pipeline } from '../../../system-tests/test/pipeline.ts';
import { compare } from './compare.ts';

/** Longer than a test may take, so a comparison that ends has nothing left to wait for. */
const WAIT_MS = 600_000;

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
  await populate(pipeline.source.sql, { seed: 3, salesOrders: 300, purchaseOrders: 100 });
  await pipeline.run();
});

afterEach(async () => {
  await pipeline.close();
});

test('counts rows that changed since the last batch as unread, and a tampered row as a difference', async () => {
  const { sql } = pipeline.source;
  await sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 5`;
  await sql`
    insert into design (design_name, file_location, file_name, last_updated)
    values ('New', '/new', 'new.json', now())`;
  await sql`delete from payment where payment_id = 9`;
  await sql`
    update department set location = 'Elsewhere'
     where department_id = (select department_id from staff where staff_id = 1)`;
  await pipeline.warehouse.sql`update fact_sales_order set units_sold = units_sold + 1 where sales_order_id = 6`;
  const { counts, differences, unread, result } = await compare(pipeline);
  const [design] = await sql`select max(design_id) as id from design`;
  const colleagues = await sql`
    select staff_id from staff where department_id = (select department_id from staff where staff_id = 1)`;
  expect(differences).toEqual([{ table: 'fact_sales_order', id: 6, kind: 'differs', columns: ['units_sold'] }]);
  expect(unread).toEqual(
    expect.arrayContaining([
      { table: 'fact_sales_order', id: 5, kind: 'differs', columns: ['units_sold'] },
      { table: 'dim_design', id: design!.id, kind: 'missing' },
      { table: 'fact_payment', id: 9, kind: 'extra' },
      ...colleagues.map(({ staff_id }) => ({
        table: 'dim_staff',
        id: staff_id,
        kind: 'differs',
        columns: ['location'],
      })),
    ]),
  );
  expect(counts.dim_staff).toEqual({ unread: colleagues.length });
  expect(result.findings.unsettled).toBe(3 + colleagues.length);
});

test('counts a row that is read but not loaded as unread', async () => {
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 5`;
  await pipeline.ingest();
  expect((await compare(pipeline)).counts).toEqual({ fact_sales_order: { unread: 1 } });
  await pipeline.transformAndLoad();
  expect((await compare(pipeline)).counts).toEqual({});
});

test('counts all rows of a table as unread after a change of its layout', async () => {
  await pipeline.source.sql`alter table design drop column file_name`;
  await pipeline.source.sql`alter table design add column file_name text not null default 'new.json'`;
  const { counts, differences } = await compare(pipeline);
  expect(differences).toEqual([]);
  expect(counts.dim_design?.unread).toBeGreaterThan(0);
  await pipeline.run();
  expect((await compare(pipeline)).counts).toEqual({});
});

test('waits until a later batch has brought the unread rows', async () => {
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id <= 50`;
  let waited = 0;
  const { counts } = await compare(pipeline, {
    waitMs: WAIT_MS,
    onWait: (count) => {
      waited = count;
      pipeline.run().catch(() => {});
    },
  });
  expect({ waited, counts }).toEqual({ waited: 50, counts: {} });
});

test('counts a row as a difference if a later batch carries it and the warehouse still differs', async () => {
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id in (5, 6)`;
  const tamperThenRun = async () => {
    await pipeline.ingest();
    await pipeline.warehouse.sql.unsafe(`
      create function tamper() returns trigger language plpgsql as $$
        begin if new.sales_order_id = 6 then new.units_sold := 0; end if; return new; end $$;
      create trigger tamper before insert on fact_sales_order for each row execute function tamper()`);
    await pipeline.transformAndLoad();
  };
  const { differences } = await compare(pipeline, {
    waitMs: WAIT_MS,
    onWait: () => void tamperThenRun().catch(() => {}),
  });
  expect(differences).toEqual([{ table: 'fact_sales_order', id: 6, kind: 'differs', columns: ['units_sold'] }]);
});

test('counts a change as a difference if a batch that began later was loaded without it', async () => {
  const without = (names: readonly string[]) => ({
    source: totesysModel.source.filter(({ name }) => !names.includes(name)),
    warehouse: totesysModel.warehouse.filter(({ name }) => !names.includes(name)),
  });
  await pipeline.source.sql`update payment set paid = not paid where payment_id = 9`;
  await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 5`;
  const { differences, unread } = await compare(pipeline, {
    waitMs: WAIT_MS,
    onWait: () => {
      pipeline.learn(without(['payment', 'fact_payment']));
      pipeline.run().catch(() => {});
    },
  });
  expect({ differences, unread }).toEqual({
    differences: [{ table: 'fact_payment', id: 9, kind: 'differs', columns: ['paid'] }],
    unread: [],
  });
});

describe('without a lake', () => {
  test('counts a row that differs at once if it does not wait', async () => {
    await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 5`;
    const { differences } = await compare(pipeline, { ingestion: undefined });
    expect(differences).toHaveLength(1);
  });

  test('counts a row only if the same version still differs after a batch that began later', async () => {
    await pipeline.warehouse.sql`update fact_sales_order set units_sold = units_sold + 1 where sales_order_id = 6`;
    await pipeline.source.sql`update sales_order set units_sold = units_sold + 1 where sales_order_id = 5`;
    const { differences, unread } = await compare(pipeline, {
      ingestion: undefined,
      waitMs: WAIT_MS,
      onWait: () => void pipeline.run().catch(() => {}),
    });
    expect({ differences, unread }).toEqual({
      differences: [{ table: 'fact_sales_order', id: 6, kind: 'differs', columns: ['units_sold'] }],
      unread: [],
    });
  });
});

// Writes and runs go on all the time, so each comparison falls between any two of their steps.
test.each(['with a lake', 'without one'])('reports no difference while the source changes, %s', async (how) => {
  const ingestion = how === 'with a lake' ? pipeline.ingestion : undefined;
  let isOver = false;
  const until = async (work: () => Promise<unknown>) => {
    while (!isOver) await work();
  };
  const lives = (async () => {
    for (let seed = 1; !isOver; seed++) {
      for await (const _ of live(pipeline.source.sql, { seed, steps: 40 })) if (isOver) break;
    }
  })();
  const runs = until(() => pipeline.run());
  try {
    let seen = 0;
    for (let round = 0; round < 4; round++) {
      const { differences, result } = await compare(pipeline, {
        ingestion,
        waitMs: WAIT_MS,
        onWait: (count) => (seen += count),
      });
      expect({ differences, unsettled: result.findings.unsettled }).toEqual({ differences: [], unsettled: 0 });
    }
    expect(seen).toBeGreaterThan(0);
  } finally {
    isOver = true;
    await Promise.all([lives, runs]);
  }
  await pipeline.run();
  expect((await compare(pipeline)).differences).toEqual([]);
});
