import { CONNECTION_LIMIT_REMEDY } from '../postgres/describe-database-error.ts';
import { SqlState } from '../postgres/sql-state.ts';

/**
 * Returns the remedy for a failed connection, by SQLSTATE or by the client's or Node's code; empty if the message
 * already has a remedy.
 */
export function connectRemedy(
  { sqlstate, code }: { readonly sqlstate?: unknown; readonly code?: unknown },
  subject: string,
): string {
  switch (sqlstate ?? code) {
    case SqlState.invalidPassword:
      return ` Correct the user or the password in the ${subject}'s URL.`;
    case SqlState.invalidAuthorizationSpecification:
      return (
        ' The server refuses this user from this address: correct its pg_hba.conf, or set sslmode in the ' +
        `${subject}'s URL.`
      );
    case SqlState.invalidCatalogName:
      return ` Create the database, or correct its name in the ${subject}'s URL.`;
    case SqlState.insufficientPrivilege:
      return ` Run: grant connect on the database to the ${subject}'s user.`;
    case SqlState.undefinedObject:
      return ' The server does not know a setting that Postgres 13 has: use Postgres 13 or newer.';
    case SqlState.cannotConnectNow:
      return ' The server starts, stops or recovers; the next run tries again.';
    case SqlState.protocolViolation:
      return (
        ' If a pooler refuses a startup parameter, add the name of the parameter to ignore_startup_parameters of ' +
        'the pooler.'
      );
    case SqlState.tooManyConnections:
      return ` ${CONNECTION_LIMIT_REMEDY}`;
    case 'CONNECTION_WITHOUT_TLS':
      return (
        ` Switch TLS on in the server (ssl = on), or set sslmode=disable in the ${subject}'s URL if no other party ` +
        'can read the network.'
      );
    case 'CONNECTION_NOT_POSTGRES':
      return ` Check host and port of the ${subject}'s URL.`;
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return (
        ` Set sslrootcert in the ${subject}'s URL, or NODE_EXTRA_CA_CERTS, to the file with the server's root ` +
        'certificates.'
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return ` Use a host name that the server's certificate has, or sslmode=verify-ca in the ${subject}'s URL.`;
    case 'CERT_HAS_EXPIRED':
      return ' Renew the certificate of the server.';
    default:
      // A server that answered was reached: host, port, network and TLS are right.
      return sqlstate === undefined ? ` Check host, port, network and TLS of the ${subject}'s URL.` : '';
  }
}
