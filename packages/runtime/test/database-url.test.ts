import { ErrorCode, parseDatabaseUrl } from '../src/index.ts';

describe('parseDatabaseUrl', () => {
  test('takes a URL apart and decodes it', () => {
    expect(parseDatabaseUrl('postgresql://us%40er:p%2Fw@127.0.0.1/my%20data', 'source')).toEqual({
      host: '127.0.0.1',
      port: 5432,
      database: 'my data',
      user: 'us@er',
      password: 'p/w',
      tls: false,
      label: "The source database 'my data' at 127.0.0.1:5432 (user 'us@er')",
    });
  });

  test.each([
    ['postgres://u@localhost/d', false],
    ['postgres://u@[::1]:5433/d', false],
    ['postgres://u@127.9.9.9/d', false],
    ['postgres://u@db.example.com/d', { rejectUnauthorized: true, host: 'db.example.com' }],
    ['postgres://u@127.0.0.1.example.com/d', { rejectUnauthorized: true, host: '127.0.0.1.example.com' }],
    ['postgres://u@db.example.com/d?sslmode=disable', false],
    ['postgres://u@db.example.com/d?sslmode=prefer', 'prefer'],
    ['postgres://u@10.0.0.1/d?sslmode=require', { rejectUnauthorized: true, host: '10.0.0.1' }],
    ['postgres://u@localhost/d?sslmode=verify-full', { rejectUnauthorized: true, host: 'localhost' }],
  ])('%s has the TLS that it asks for, or a verified one away from this machine', (url, tls) => {
    expect(parseDatabaseUrl(url, 'source').tls).toEqual(tls);
  });

  test.each([
    ['no url at all', 'is no URL'],
    ['mysql://u:secret@h/d', "begins with 'mysql:'"],
    ['postgres://u:secret@h:port/d', 'is no URL'],
    ['postgres://u:secret@h', 'names no database'],
    ['postgres://h/d', 'names no user'],
    ['postgres://u:sec%ret@h/d', 'a percent sign that encodes nothing'],
    ['postgres://u:secret@h/d?sslmode=maybe', 'has an sslmode that is not one of'],
    ['postgres://u:secret@h/d?pool=3', "got 'pool'"],
    ['postgres://u:secret@h/d?sslmode=verify-full&sslrootcert=/no/such/file', 'cannot be read'],
  ])('refuses %s without repeating it', (url, fault) => {
    const parse = () => parseDatabaseUrl(url, 'source');
    expect(parse).toThrow(expect.objectContaining({ code: ErrorCode.CONFIG_INVALID }));
    expect(parse).toThrow(fault);
    expect(parse).not.toThrow(/sec%?ret/);
  });
});
