import { createTestDatabase, loadSample, populate, type TestDatabase, TOTESYS_TABLES } from '../src/index.ts';

const open: TestDatabase[] = [];

async function database(): Promise<TestDatabase> {
  const created = await createTestDatabase({ totesys: true });
  open.push(created);
  return created;
}

afterEach(async () => {
  for (const created of open.splice(0)) await created.drop();
});

async function checksums({ sql }: TestDatabase): Promise<string[]> {
  const sums: string[] = [];
  for (const table of TOTESYS_TABLES) {
    const [row] = await sql.unsafe(
      `select '${table} ' || count(*) || ' ' || md5(string_agg(t::text, ',' order by ${table}_id)) as sum from ${table} t`,
    );
    sums.push(row!.sum);
  }
  return sums;
}

test('the same seed makes the same rows, another one others, also at the same time', async () => {
  const [one, same, other] = [await database(), await database(), await database()];
  const size = { salesOrders: 500, purchaseOrders: 200 };
  await Promise.all([
    populate(one.sql, { seed: 1, ...size }),
    populate(same.sql, { seed: 1, ...size }),
    populate(other.sql, { seed: 2, ...size }),
  ]);
  expect(await checksums(same)).toEqual(await checksums(one));
  expect(await checksums(other)).not.toEqual(await checksums(one));
});

test('its shapes are those of the real source', async () => {
  const { sql } = await database();
  await populate(sql, { seed: 5, salesOrders: 2_000, purchaseOrders: 1_000 });
  const count = async (query: string) => Number((await sql.unsafe(`select count(*) as n from ${query}`))[0]!.n);
  expect(
    await Promise.all(['address', 'counterparty', 'staff', 'department', 'currency', 'payment_type'].map(count)),
  ).toEqual([30, 20, 20, 8, 3, 4]);
  expect(await count('transaction')).toBe(3_000);
  expect(await count('payment p join transaction t using (transaction_id) where p.created_at = t.created_at')).toBe(
    3_000,
  );
  expect(await count('address where address_line_2 is null')).toBe(20);
  expect(await count("address where postal_code like '0%'")).toBeGreaterThan(0);
  expect(await count("staff where last_name like '%''%'")).toBeGreaterThan(0);
  expect(
    await count("payment where paid and last_updated::time >= '07:55' and last_updated > created_at"),
  ).toBeGreaterThan(1_000);
  expect(
    await count(
      "sales_order where agreed_delivery_date !~ '^202[2-6]-\\d\\d-\\d\\d$' or agreed_payment_date::date < created_at::date",
    ),
  ).toBe(0);
  expect(await count("sales_order where created_at <> date_trunc('milliseconds', created_at)")).toBe(0);
});

test('serials continue after the rows', async () => {
  const { sql } = await database();
  await populate(sql, { seed: 5, salesOrders: 10, purchaseOrders: 10 });
  const [row] =
    await sql`insert into transaction (transaction_type, last_updated) values ('SALE', now()) returning transaction_id`;
  expect(row!.transaction_id).toBe(21);
});

const sample = process.env.TOTESYS_SAMPLE;
(sample ? test : test.skip)('a real export is loaded whole', async () => {
  const created = await database();
  await loadSample(created.sql, sample!);
  expect(await checksums(created)).toEqual(
    expect.arrayContaining([expect.stringMatching(/^sales_order 9845 /), expect.stringMatching(/^payment 13959 /)]),
  );
});
