import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { piecesOf } from './pieces-of.ts';

test('a URL with a password that is not encoded is not stored, and the output shows no part of it', () => {
  const password = 'Sec@ret/99#x';
  const url = `postgres://user:${password}@db.example.com/totesys`;
  const script = fileURLToPath(new URL('../../../../scripts/secrets.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', script, 'dev'], {
    input: `${url}\n${url}\n`,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: expect.stringMatching(/The URL of the source is not a connection URL.*percent-encoded/),
  });
  expect(piecesOf(password).filter((piece) => (stdout + stderr).includes(piece))).toEqual([]);
});
