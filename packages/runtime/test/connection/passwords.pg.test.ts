import { type Cluster, startCluster } from '@totesys/sandbox';
import { preparePassword } from '../../src/connection/prepare-password.ts';
import { openPool } from '../open-pool.ts';

/** Passwords and what SASLprep makes of them: another text, the same, or (where it refuses them) nothing else. */
const PASSWORDS: [what: string, password: string, prepared: string][] = [
  ['a soft hyphen', 'I\u00adX', 'IX'],
  ['a no-break space', 'two\u00a0words', 'two words'],
  ['an Ogham space', 'two\u1680words', 'two words'],
  ['an ideographic space', 'two\u3000words', 'two words'],
  ['a zero-width space', 'two\u200bwords', 'two words'],
  ['a zero-width joiner', 'two\u200dwords', 'twowords'],
  ['a feminine ordinal', '\u00aa', 'a'],
  ['a Roman numeral', '\u2168', 'IX'],
  ['a ligature', '\ufb01sh', 'fish'],
  ['a full-width letter', '\uff21bc', 'Abc'],
  ['a letter with an accent after it', 'cafe\u0301', 'caf\u00e9'],
  ['a letter with its accent', 'caf\u00e9', 'caf\u00e9'],
  ['a non-breaking hyphen and a diaeresis', 'abcd1234\u00a8\u2011\u00a8###', 'abcd1234 \u0308\u2010 \u0308###'],
  ['spaces of ASCII', ' two  words ', ' two  words '],
  ['Cyrillic', 'пароль', 'пароль'],
  ['Chinese', '密码', '密码'],
  ['Hebrew', 'סיסמה', 'סיסמה'],
  ['an emoji, unassigned in Unicode 3.2', 'pass\u{1f600}\u00aa', 'pass\u{1f600}\u00aa'],
  ['a control character', 'bell\u0007\u00aa', 'bell\u0007\u00aa'],
  ['a private character', '\ue000\u00aa', '\ue000\u00aa'],
  ['letters of both directions', 'a\u0627\u00aa', 'a\u0627\u00aa'],
  ['nothing but a soft hyphen', '\u00ad', '\u00ad'],
  ['a modifier letter, younger than Unicode 3.2', '\u1d2c\u00aa', '\u1d2c\u00aa'],
  ['a tone mark that is forbidden as it is', 'a\u0340\u00aa', 'a\u0340\u00aa'],
];

describe('a password', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await startCluster({ settings: { shared_buffers: '32MB' } });
  });
  afterAll(() => cluster.stop());

  test.each(PASSWORDS)('with %s lets its role in by SCRAM', async (_, password, prepared) => {
    expect(preparePassword(password)).toBe(prepared);
    await setPassword(password);
    await expect(signIn(password)).resolves.toBe('reader');
    await expect(signIn(`${password}!`)).rejects.toMatchObject({ context: { sqlstate: '28P01' } });
  });

  test('that another client has prepared already lets its role in', async () => {
    await setPassword('IX');
    await expect(signIn('I\u00adX')).resolves.toBe('reader');
  });

  async function setPassword(password: string): Promise<void> {
    const admin = await openPool(cluster.url('postgres'));
    const [{ quoted } = {}] = await admin`select quote_literal(${password}) as quoted`;
    await admin.unsafe(`drop role if exists reader; create role reader login password ${quoted}`);
    await admin.end();
  }

  async function signIn(password: string): Promise<string> {
    const url = new URL(cluster.url('postgres'));
    [url.username, url.password] = ['reader', encodeURIComponent(password)];
    const sql = await openPool(url.href);
    const [row] = await sql`select current_user::text as name`;
    await sql.end();
    return row?.name;
  }
});
