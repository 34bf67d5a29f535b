import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
  await totesys.run();
});

afterEach(async () => {
  await totesys.close();
});

describe('a run that finds a row that others join to', () => {
  test('brings the staff of a department that changed along as context, with their departments', async () => {
    await totesys.database.sql`update department set location = 'York' where department_id = 2`;
    await totesys.run();
    const manifest = await totesys.newest();
    expect(await totesys.keysOf(2, 'department')).toEqual([2]);
    expect(await totesys.keysOf(2, 'staff')).toEqual([]);
    expect(await totesys.keysOf(2, 'staff', 'context')).toEqual([1, 5]);
    expect(manifest.parts.filter(({ role }) => role === 'lookup')).toMatchObject([{ table: 'department', rows: 1 }]);
  });

  test('names the rows that two parts look up alike once, as one object', async () => {
    await totesys.database.sql`update department set location = 'York' where department_id = 2`;
    await totesys.database.sql`update staff set first_name = 'x' where staff_id = 1`;
    await totesys.run();
    const { parts } = await totesys.newest();
    expect(new Set(parts.map(({ key }) => key)).size).toBe(parts.length);
    const [lookup] = parts.filter(({ role }) => role === 'lookup');
    expect(lookup).toMatchObject({
      table: 'department',
      rows: 1,
      lookupFor: [{ by: 'department_id' }, { by: 'department_id' }],
    });
  });

  test('does not bring staff along twice who changed themselves', async () => {
    await totesys.database.sql`update department set location = 'York' where department_id = 2`;
    await totesys.database.sql`update staff set first_name = 'x' where staff_id = 1`;
    await totesys.run();
    expect(await totesys.keysOf(2, 'staff')).toEqual([1]);
    expect(await totesys.keysOf(2, 'staff', 'context')).toEqual([5]);
  });
});
