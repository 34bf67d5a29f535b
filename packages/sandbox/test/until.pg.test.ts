import { createTestDatabase, until, untilBlocked } from '../src/index.ts';

test('waits until a probe finds something, and returns it', async () => {
  let looks = 0;
  expect(await until('the third look', () => ++looks === 3 && 'found')).toBe('found');
  expect(looks).toBe(3);
});

test('says what never came, within which time, and what else is known of it', async () => {
  const waiting = until('a miracle', async () => undefined, { limitMs: 0, explain: () => 'None was planned.' });
  await expect(waiting).rejects.toThrow('a miracle: not within 0 s. None was planned.');
});

test('distinguishes the statement that waits for a lock from any other', async () => {
  const database = await createTestDatabase();
  try {
    await database.sql`create table held as select 1 as one`;
    const holder = await database.sql.reserve();
    await holder`begin`;
    // It is the last statement of a session, and waits for nothing.
    await holder`select one from held`;
    await expect(untilBlocked(database, 'select one%', { limitMs: 0 })).rejects.toThrow("like 'select one%'");
    await holder`lock table held`;
    const reading = database.sql`select one from held`.execute();
    await untilBlocked(database, 'select one%');
    await holder`commit`;
    holder.release();
    expect(await reading).toEqual([{ one: 1 }]);
  } finally {
    await database.drop();
  }
});
