import { watchClients } from '../src/watch-clients.ts';

// A pool whose server answers the one query with `rows`, or refuses it.
function pool(answer: () => unknown[]) {
  const asked: string[] = [];
  const sql = {
    options: { connection: { application_name: 'test' } },
    unsafe: async (statement: string) => {
      asked.push(statement);
      return answer();
    },
  };
  return { sql, asked, watching: watchClients(sql as never) };
}

const refusing = (code: string) => () => {
  throw Object.assign(new Error('refused'), { code });
};

test('asks for it in the first message of later sessions, where the server knows the setting', async () => {
  const { sql, watching } = pool(() => [{ set_config: '5s' }]);
  await watching;
  expect(sql.options.connection).toEqual({ application_name: 'test', client_connection_check_interval: 5000 });
});

test.each([
  ['does not know the setting, as Postgres 13', () => []],
  ['refuses it, as where a closed socket cannot be seen', refusing('22023')],
])('connects to a server that %s, asks once and never again', async (_, answer) => {
  const { sql, asked, watching } = pool(answer);
  await expect(watching).resolves.toBeUndefined();
  expect(sql.options.connection).toEqual({ application_name: 'test' });
  expect(asked).toHaveLength(1);
});

test('hands on what else goes wrong with a first query', async () => {
  await expect(pool(refusing('57P01')).watching).rejects.toMatchObject({ code: '57P01' });
});
