import { CONNECTION_LIMIT_REMEDY } from '../postgres/describe-database-error.ts';

/** What to do about a connection that fails, by the SQLSTATE of the server or else by the code of the client or of Node; empty where the message says it. */
export function connectRemedy(
  { sqlstate, code }: { readonly sqlstate?: unknown; readonly code?: unknown },
  subject: string,
): string {
  switch (sqlstate ?? code) {
    case '28P01':
      return ` Correct the user or the password in the ${subject}'s URL.`;
    case '28000':
      return ` The server does not let this user in from here; see its pg_hba.conf, or set sslmode in the ${subject}'s URL.`;
    case '3D000':
      return ` Create the database, or correct its name in the ${subject}'s URL.`;
    case '42501':
      return ` Run: grant connect on the database to the ${subject}'s user.`;
    case '42704':
      return ' The server does not know a setting that Postgres 13 has: use Postgres 13 or newer.';
    case '57P03':
      return ' The server starts, stops or recovers; the next run tries again.';
    case '08P01':
      return " A pooler that refuses a parameter of the first message takes it once its name is in the pooler's ignore_startup_parameters.";
    case '53300':
      return ` ${CONNECTION_LIMIT_REMEDY}`;
    case 'CONNECTION_WITHOUT_TLS':
      return ` Switch TLS on in the server (ssl = on), or set sslmode=disable in the ${subject}'s URL if nobody else can read the network.`;
    case 'CONNECTION_NOT_POSTGRES':
      return ` Check host and port of the ${subject}'s URL.`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return ` Name the file of the server's root certificates by sslrootcert in the ${subject}'s URL, or by NODE_EXTRA_CA_CERTS.`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return ` Use a host name that the server's certificate has, or sslmode=verify-ca in the ${subject}'s URL.`;
    case 'CERT_HAS_EXPIRED':
      return ' Renew the certificate of the server.';
    default:
      // A server that answers has been reached.
      return sqlstate === undefined ? ` Check host, port, network and TLS of the ${subject}'s URL.` : '';
  }
}
