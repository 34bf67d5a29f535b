import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import type { TestDatabase } from './test-database.ts';

/** A test's database, used by a role of its own. */
export interface TestRole extends TestDatabase {
  readonly name: string;
}

/**
 * Creates a role that may log in; `grants` returns statements that give it further rights. `drop` removes the role with
 * its rights, and keeps the objects that it created.
 */
export async function createTestRole(database: TestDatabase, grants: (name: string) => string): Promise<TestRole> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await database.sql.unsafe(`create role ${name} login password 'x'; ${grants(name)}`);
  const url = new URL(database.url);
  [url.username, url.password] = [name, 'x'];
  const sql = postgres(url.href, { max: 2, onnotice: () => {} });
  return {
    name,
    url: url.href,
    sql,
    drop: async () => {
      await sql.end({ timeout: 1 });
      await database.sql.unsafe(`reassign owned by ${name} to current_user; drop owned by ${name}; drop role ${name}`);
    },
  };
}
