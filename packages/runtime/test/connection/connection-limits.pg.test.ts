import { createTestDatabase, createTestRole, type TestDatabase, type TestRole } from '@totesys/sandbox';
import { connectRemedy } from '../../src/connection/connect-remedy.ts';
import { connect, describeDatabaseError } from '../../src/index.ts';

let database: TestDatabase;
let role: TestRole;

beforeAll(async () => {
  database = await createTestDatabase();
  role = await createTestRole(database, (name) => `alter role ${name} connection limit 2`);
});
afterAll(async () => {
  await role.drop();
  await database.drop();
});

test('the error of a role with a limit of two connections names the number that a run needs, and promises no next run', async () => {
  const pool = await connect(role.url, { subject: 'source', connections: 4, applicationName: 'limited' });
  const reserved = [await pool.reserve(), await pool.reserve()];
  const refused = await pool.reserve().catch((error) => describeDatabaseError(error, 'The source', 'source'));
  expect(refused).toMatchObject({
    code: 'CONNECTION_FAILED',
    message: expect.stringMatching(
      /too many connections for role.*need 3 connections at once.*every run fails until then/,
    ),
  });
  expect((refused as Error).message).not.toMatch(/the next run goes on/i);
  for (const each of reserved) each.release();
  await pool.end({ timeout: 1 });
});

test('a pooler that refuses a parameter of the first message is named with its setting', () => {
  expect(connectRemedy({ sqlstate: '08P01' }, 'source')).toMatch(/ignore_startup_parameters/);
});
