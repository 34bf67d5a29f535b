import { createTestDatabase, createTestRole, type TestDatabase } from '../src/index.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(() => database.drop());

test('a role may do what it was granted and no more, and goes with its rights, not with what it made', async () => {
  await database.sql.unsafe('create table seen as select 1 as one; create table hidden as select 2 as two');
  const role = await createTestRole(
    database,
    (name) => `grant select on seen to ${name}; grant create on schema public to ${name}`,
  );
  expect(await role.sql`select one from seen`).toEqual([{ one: 1 }]);
  await expect(role.sql`select two from hidden`).rejects.toMatchObject({ code: '42501' });
  await role.sql`create table made as select 3 as three`;
  await role.drop();
  expect(await database.sql`select from pg_roles where rolname = ${role.name}`).toHaveLength(0);
  expect(await database.sql`select three from made`).toEqual([{ three: 3 }]);
});
