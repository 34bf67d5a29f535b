import { createTestDatabase, createTestRole, type TestDatabase } from '@totesys/sandbox';
import { connect, judgeHolder, readLockHolder, type Sql } from '../../src/index.ts';

const KEY = '8389772276738093361';
const OTHER = 'another run is at work';
/** Every session has been unchanged for so long. */
const STALE = { staleMs: 0, betweenMs: 1 };

let database: TestDatabase;
let holder: Sql;
let pid: number;

beforeAll(async () => {
  database = await createTestDatabase();
  holder = await connect(database.url, { subject: 'warehouse', connections: 1, applicationName: 'the-holder' });
  pid = (await holder`select pg_backend_pid() as pid, pg_advisory_lock(${KEY}::bigint)`)[0]?.pid;
});
afterAll(async () => {
  await holder.end({ timeout: 1 });
  await database.drop();
});

const look = () => readLockHolder(database.sql, KEY);

test('a session without a change for too long is named, with its age and the remedy', async () => {
  const old = async () => ({ ...(await look())!, unchangedSeconds: 17 * 60 + 5 });
  await expect(judgeHolder(OTHER, old, { staleMs: 15 * 60_000, betweenMs: 1 })).rejects.toMatchObject({
    code: 'LOCK_ABANDONED',
    message: expect.stringMatching(
      `^Another run is at work, but its session \\(the-holder, process ${pid}, since .* UTC\\) has been 'idle' without a change for 17 minutes: .* select pg_terminate_backend\\(${pid}\\); the next run then goes on\\.$`,
    ),
    context: { pid, state: 'idle', unchangedSeconds: 17 * 60 + 5 },
  });
});

test.each([
  ['changes its statement', () => holder`select 1`],
  ['lets go of the lock', () => holder`select pg_advisory_unlock(${KEY}::bigint)`],
])('a session that %s between two looks is yielded to', async (_, act) => {
  let looks = 0;
  const reason = expect.stringMatching(/^another run is at work \(the-holder, process \d+/);
  const judged = judgeHolder(
    OTHER,
    async () => {
      if (++looks === 2) await act();
      return look();
    },
    STALE,
  );
  expect(await judged).toEqual({ reason });
  expect(looks).toBe(2);
  await holder`select pg_advisory_unlock_all(), pg_advisory_lock(${KEY}::bigint)`;
});

test('a session that changed not long ago is yielded to at the first look', async () => {
  let looks = 0;
  const judged = await judgeHolder(OTHER, () => {
    looks++;
    return look();
  });
  expect({ ...judged, looks }).toEqual({ reason: expect.stringContaining('the-holder'), looks: 1 });
});

test('a session that the role may not see into is yielded to with a warning', async () => {
  const stranger = await createTestRole(database, () => '');
  const judged = await judgeHolder(OTHER, () => readLockHolder(stranger.sql, KEY), STALE);
  expect(judged).toEqual({
    reason: `${OTHER} (the-holder, process ${pid})`,
    warning: expect.stringMatching(/may not see whether the session of process \d+ still works.*pg_read_all_stats/),
  });
  await stranger.drop();
});

test('a lock that is free by now is yielded to', async () => {
  expect(await judgeHolder(OTHER, async () => undefined, STALE)).toEqual({ reason: OTHER });
});
