import { type Cluster, createTotesysSchema, populate, type TestDatabase } from '@totesys/sandbox';
import postgres from 'postgres';

const DATABASE = 'totesys';

/**
 * The totesys database of a cluster that a test runs for itself, as a pipeline's source; `drop` lets go of it, and it
 * ends with its cluster.
 */
export function sourceOf(cluster: Cluster, database = DATABASE): TestDatabase {
  const url = cluster.url(database);
  const sql = postgres(url, { max: 8, onnotice: () => {} });
  return { url, sql, drop: () => sql.end({ timeout: 1 }) };
}

/** Makes that database on a cluster, with a few orders in it. */
export async function createSource(cluster: Cluster, seed = 7): Promise<TestDatabase> {
  await cluster.createDatabase(DATABASE);
  const source = sourceOf(cluster);
  await createTotesysSchema(source.sql);
  await populate(source.sql, { seed, salesOrders: 40, purchaseOrders: 20 });
  return source;
}
