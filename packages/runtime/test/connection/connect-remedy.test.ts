import { connectRemedy } from '../../src/connection/connect-remedy.ts';

test.each([
  [{ sqlstate: '57P03' }, /starts, stops or recovers/],
  [{ sqlstate: '53300' }, /Raise the limit .*max_connections/],
  [{ code: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' }, /sslrootcert.*NODE_EXTRA_CA_CERTS/],
  [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, /sslrootcert/],
  [{ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, /host name that the server's certificate has/],
  [{ code: 'CERT_HAS_EXPIRED' }, /Renew/],
  [{ code: 'ENOTFOUND' }, /Check host, port, network and TLS of the source's URL/],
  [{ sqlstate: 'XX000' }, /^$/],
])('says what to do about %j', (context, remedy) => {
  expect(connectRemedy(context, 'source')).toMatch(remedy);
});
