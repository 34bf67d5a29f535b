import { createTestRole, type TestDatabase, type TestRole } from '@totesys/sandbox';
import { maskedRights, totesysModel } from '@totesys/schema';

/** Creates a role that reads the masked views of a warehouse by their plain names; the caller drops it. */
export async function createMaskedRole(warehouse: TestDatabase): Promise<TestRole> {
  const role = await createTestRole(warehouse, (name) => `alter role ${name} set search_path = masked`);
  // As psql runs it: the SQL begins and ends its own transaction.
  const session = await warehouse.sql.reserve();
  try {
    await session.unsafe(maskedRights(totesysModel, role.name));
  } finally {
    await session`rollback`;
    session.release();
  }
  return role;
}
