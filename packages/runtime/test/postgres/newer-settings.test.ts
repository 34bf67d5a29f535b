import { findNewerSettings } from '../../src/postgres/newer-settings.ts';

// A pool whose server knows some settings, and refuses one.
function pool(known: readonly string[], refused?: string) {
  const unsafe = async (_: string, [settings]: [string]) => {
    const wanted = Object.entries(JSON.parse(settings)).filter(([name]) => known.includes(name));
    if (wanted.some(([name]) => name === refused)) throw Object.assign(new Error('refused'), { code: '22023' });
    return wanted.map(([name, setting]) => ({ name, setting }));
  };
  return { unsafe };
}

const INTERVAL = { client_connection_check_interval: '5000' };
const TIMEOUT = { transaction_timeout: '0' };
const both = Object.keys({ ...INTERVAL, ...TIMEOUT });

test.each([
  ['of Postgres 17 takes both', pool(both), { ...INTERVAL, ...TIMEOUT }],
  ['of Postgres 14 takes the one that it knows', pool(Object.keys(INTERVAL)), INTERVAL],
  ['of Postgres 13 takes none', pool([]), {}],
  ['that cannot see a closed socket takes the other', pool(both, Object.keys(INTERVAL)[0]), TIMEOUT],
])('a server %s of the newer settings', async (_, sql, taken) => {
  expect(await findNewerSettings(sql as never)).toEqual(taken);
});

test('hands on what else a first query fails with', async () => {
  const unsafe = async () => {
    throw Object.assign(new Error('ended'), { code: '57P01' });
  };
  await expect(findNewerSettings({ unsafe } as never)).rejects.toMatchObject({ code: '57P01' });
});
