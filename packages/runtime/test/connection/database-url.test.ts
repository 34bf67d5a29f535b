import { ErrorCode, parseDatabaseUrl } from '../../src/index.ts';

describe('parseDatabaseUrl', () => {
  test('takes a URL apart and decodes it', () => {
    expect(parseDatabaseUrl('postgresql://us%40er:p%2Fw@127.0.0.1/my%20data', 'source')).toEqual({
      host: '127.0.0.1',
      port: 5432,
      database: 'my data',
      user: 'us@er',
      password: 'p/w',
      tls: false,
      label: "The source database 'my data' at 127.0.0.1:5432",
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

  test.each(['prefer', 'disable'])('takes channel_binding=%s, which asks for nothing', (binding) => {
    const url = `postgres://u:secret@h/d?sslmode=require&channel_binding=${binding}\n`;
    expect(parseDatabaseUrl(url, 'source')).toMatchObject({ host: 'h', tls: { rejectUnauthorized: true } });
  });

  test.each([
    ['no url at all', 'is no URL'],
    ['mysql://u:secret@h/d', "begins with 'mysql:'"],
    ['postgres://u:secret@h:port/d', 'is no URL'],
    ['postgres://u:secret@h', 'names no database'],
    ['postgres://h/d', 'names no user'],
    ['postgres://u:sec%ret@h/d', 'a percent sign that encodes nothing'],
    ['"postgres://u:secret@h/d"', 'has quotes around it'],
    ["postgres://u:secret@h/d'", 'has quotes around it'],
    ['postgres://u:sec\nret@h/d', 'has a line break'],
    ['postgres://u:secret@one,two/d', 'names several hosts: expected one'],
    ['postgres://u:secret@one:5432,two:5432/d', 'names several hosts: expected one'],
    ['postgres://u:secret@h:0/d', 'its port is not a number from 1 to 65535'],
    ['postgres://u:secret@h:65536/d', 'its port is not a number from 1 to 65535'],
    ['postgres://u:secret@h:5432:5432/d', 'is no URL'],
    ['postgres://u:secret@[fe80::1%25eth0]/d', 'an IPv6 address with a zone'],
    ['postgres://u:secret@%2Fvar%2Frun%2Fpostgresql/d', 'names a Unix socket, which is not supported'],
    ['postgres:///d?host=/var/run/postgresql', 'names no host'],
    ['postgres://u:secret@h/d?host=/var/run/postgresql', "got 'host'. Name the server by host and port: a Unix socket"],
    ['postgres://u:secret@h/d?options=-csearch_path%3Dx', "got 'options'. Set what a session needs for its role"],
    ['postgres://u:secret@h/d?target_session_attrs=read-write', 'Name the one server to use, for example the writer'],
    ['postgres://u:secret@h/d?channel_binding=require', 'Remove it: sslmode=verify-full proves by the certificate'],
    ['postgres://u:secret@h/d?channel_binding=always', 'has a channel_binding that is neither prefer nor disable'],
    [
      'postgres://u:secret@h/d?sslmode=allow',
      "not one of disable, prefer, require, verify-ca, verify-full, got 'allow'",
    ],
    ['postgres://u:secret@h/d?sslmode=disable&sslmode=prefer', 'has the parameter sslmode twice'],
    ['postgres://u:secret@h/d#x', 'has a # in it'],
    ['postgres://u:secret@h/d/e', 'has a second / after its host'],
    ['postgres://u%00:secret@h/d', 'has a null character'],
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
