import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { ErrorCode, PipelineError } from '../errors.ts';
import { findUrlFault, type UrlFault } from './url-faults.ts';

/** The parts of a connection URL. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  /**
   * When the client uses TLS: never (`false`), if the server supports it (`prefer`), or always, with a verified
   * certificate.
   */
  readonly tls: false | 'prefer' | ConnectionOptions;
  /** The address without user and password, as messages name it. */
  readonly label: string;
}

const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** Parses a `postgres://` URL; throws CONFIG_INVALID with a message that contains no part of user or password. */
export function parseDatabaseUrl(text: string, subject: string): DatabaseAddress {
  const url = text.trim();
  const invalid = ({ fault, remedy }: UrlFault) =>
    new PipelineError(
      ErrorCode.CONFIG_INVALID,
      `The ${subject}'s connection URL ${fault}. ${remedy === undefined ? '' : `${remedy}. `}Expected ` +
        'postgres://<user>:<password>@<host>:<port>/<database>?sslmode=verify-full, with special characters ' +
        'percent-encoded.',
    );
  const fault = findUrlFault(url);
  if (fault) throw invalid(fault);
  const parsed = new URL(url);
  const [database, user, password] = [parsed.pathname.slice(1), parsed.username, parsed.password].map((part) => {
    const decoded = decode(part);
    if (decoded === undefined) throw invalid({ fault: 'has a percent sign that encodes nothing' });
    if (decoded.includes('\0')) throw invalid({ fault: 'has a null character' });
    return decoded;
  }) as [string, string, string];
  if (database === '') throw invalid({ fault: 'names no database' });
  if (user === '') throw invalid({ fault: 'names no user' });

  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = parsed.port === '' ? 5432 : Number(parsed.port);
  const mode = parsed.searchParams.get('sslmode') ?? (isLoopback(host) ? 'disable' : 'verify-full');
  if (!TLS_MODES.includes(mode))
    throw invalid({ fault: `has an sslmode that is not one of ${TLS_MODES.join(', ')}, got '${mode}'` });
  return {
    host,
    port,
    database,
    user,
    password: password === '' ? undefined : password,
    tls: tlsOptions(mode, host, parsed.searchParams.get('sslrootcert'), subject),
    label: `The ${subject} database '${database}' at ${host}:${port}`,
  };
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

function tlsOptions(mode: string, host: string, rootFile: string | null, subject: string): DatabaseAddress['tls'] {
  if (mode === 'disable') return false;
  if (mode === 'prefer') return 'prefer';
  return {
    rejectUnauthorized: true,
    // For an IP address the client sends no server name; without `host` the certificate would be compared with
    // 'localhost'.
    host,
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(rootFile === null || rootFile === 'system' ? {} : { ca: readRootCertificate(rootFile, subject) }),
  };
}

function readRootCertificate(file: string, subject: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new PipelineError(
      ErrorCode.CONFIG_INVALID,
      `The ${subject}'s root certificate '${file}' cannot be read. Correct sslrootcert in its URL.`,
      { cause },
    );
  }
}
