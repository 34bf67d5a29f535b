import { connect, type Sql } from '@totesys/runtime';
import { type Cluster, createTotesysSchema, type TestDatabase } from '@totesys/sandbox';
import { createIngestedSource, type IngestedSource } from '../ingested-source.ts';

/** Settings of a server on which only the test assigns transaction ids. */
export const QUIET = { autovacuum: 'off', shared_buffers: '32MB' };

/** Makes a totesys on a server of its own; the test stops the server. */
export async function createQuietSource(cluster: Cluster, name = 'totesys'): Promise<IngestedSource> {
  const url = await cluster.createDatabase(name);
  const sql = await connect(url, { subject: 'source', connections: 8, applicationName: 'test' });
  await createTotesysSchema(sql);
  const database: TestDatabase = { url, sql, drop: () => sql.end({ timeout: 1 }) };
  return await createIngestedSource(database);
}

/** Returns the pool, and each statement that its reserved connections send. */
export function recordStatements(pool: Sql): { pool: Sql; statements: string[] } {
  const statements: string[] = [];
  const record = <T extends object>(connection: T): T =>
    new Proxy(connection, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'unsafe' || typeof value !== 'function') return value;
        return (text: string, ...rest: unknown[]) => {
          statements.push(text.trim());
          return value(text, ...rest);
        };
      },
    });
  const recorded = new Proxy(pool, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      return name === 'reserve' ? async () => record(await target.reserve()) : value;
    },
  });
  return { pool: recorded, statements };
}
