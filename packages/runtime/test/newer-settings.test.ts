import { applyNewerSettings } from '../src/newer-settings.ts';

// A pool whose server knows some settings, and refuses one.
function pool(known: readonly string[], refused?: string) {
  const connection: Record<string, string> = { application_name: 'test' };
  const unsafe = async (_: string, [settings]: [string]) => {
    const wanted = Object.entries(JSON.parse(settings)).filter(([name]) => known.includes(name));
    if (wanted.some(([name]) => name === refused)) throw Object.assign(new Error('refused'), { code: '22023' });
    return wanted.map(([name, setting]) => ({ name, setting }));
  };
  return { options: { connection }, unsafe };
}

const INTERVAL = { client_connection_check_interval: '5000' };
const TIMEOUT = { transaction_timeout: '0' };
const both = Object.keys({ ...INTERVAL, ...TIMEOUT });

test.each([
  ['of Postgres 17 makes both', pool(both), { ...INTERVAL, ...TIMEOUT }],
  ['of Postgres 14 makes the one that it knows', pool(Object.keys(INTERVAL)), INTERVAL],
  ['of Postgres 13 makes none', pool([]), {}],
  ['that cannot see a closed socket makes the other', pool(both, Object.keys(INTERVAL)[0]), TIMEOUT],
])('each later session of a server %s in its first message', async (_, sql, made) => {
  await expect(applyNewerSettings(sql as never)).resolves.toBeUndefined();
  expect(sql.options.connection).toEqual({ application_name: 'test', ...made });
});

test('what else goes wrong with a first query is handed on', async () => {
  const ended = async () => {
    throw Object.assign(new Error('ended'), { code: '57P01' });
  };
  const sql = { ...pool(both), unsafe: ended };
  await expect(applyNewerSettings(sql as never)).rejects.toMatchObject({ code: '57P01' });
});
