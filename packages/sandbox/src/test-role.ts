import { randomUUID } from 'node:crypto';
import postgres from 'postgres';
import type { TestDatabase } from './test-database.ts';

/** A test's database as a role of its own sees it. */
export interface TestRole extends TestDatabase {
  readonly name: string;
}

/**
 * Makes a role that may log in and, beyond that, what `grants` say of its name; `drop` removes it with its rights, and
 * leaves what it made.
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
