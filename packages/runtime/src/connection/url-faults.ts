/** The fault of a connection URL, with a remedy if the expected form does not show it. */
export interface UrlFault {
  readonly fault: string;
  readonly remedy?: string;
}

const PROTOCOLS = ['postgres:', 'postgresql:'];
const SUPPORTED = ['sslmode', 'sslrootcert', 'channel_binding'];
const IN_ITS_PLACE = 'Write it in its place in front of the question mark';
/** Parameters of libpq and of other clients that are not supported, with what to do instead. */
const REMEDIES: Readonly<Record<string, string>> = {
  host: 'Name the server by host and port: a Unix socket is not supported',
  hostaddr: 'Name the server by host and port',
  port: IN_ITS_PLACE,
  user: IN_ITS_PLACE,
  password: IN_ITS_PLACE,
  dbname: IN_ITS_PLACE,
  options: 'Set what a session needs for its role: alter role … set …',
  target_session_attrs: 'Name the one server to use, for example the writer endpoint',
  load_balance_hosts: 'Name the one server to use',
  sslcert: 'Client certificates are not supported: the role signs in by its password',
  sslkey: 'Client certificates are not supported: the role signs in by its password',
  ssl: 'Use sslmode',
};

/**
 * Finds why a URL cannot be used. A message repeats parts of the URL only if it is certain where user and password end:
 * a special character that is not encoded makes parts of a password look like host, database or parameters.
 */
export function findUrlFault(url: string): UrlFault | undefined {
  const form = findFormFault(url);
  if (form) return form;
  const rest = url.slice(url.indexOf('//') + 2);
  const authority = /^[^/?#]*/.exec(rest)![0];
  const address = authority.slice(authority.lastIndexOf('@') + 1);
  const fault = findAddressFault(address);
  if (fault) return fault;
  if (!URL.canParse(url)) return { fault: 'is no URL' };
  // Without an `@`, what looks like a host or a parameter may be part of a password.
  return findParameterFault(new URL(url), authority.includes('@'));
}

function findFormFault(url: string): UrlFault | undefined {
  if (/^['"`“‘<]|['"`”’>]$/.test(url)) return { fault: 'has quotes around it', remedy: 'Remove them' };
  if (/[\t\r\n]/.test(url)) return { fault: 'has a line break or a tab in it', remedy: 'Write it as one line' };
  const protocol = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(url)?.[1]?.toLowerCase();
  if (protocol === undefined) return { fault: 'is no URL' };
  const rest = url.slice(protocol.length + 2);
  const end = rest.search(/[/?#]/);
  if (end >= 0 && rest.slice(end).includes('@')) {
    return {
      fault: 'is ambiguous: an @ follows a /, ? or #, so its password may contain one of them',
      remedy: 'Write / as %2F, ? as %3F, # as %23 and @ as %40 in user, password and parameters',
    };
  }
  if (!PROTOCOLS.includes(protocol)) return { fault: `begins with '${protocol}'` };
  if (/^[^/?]*\/[^/?]*\//.test(rest)) {
    return { fault: 'has a second / after its host', remedy: 'Write a / in the name of the database as %2F' };
  }
  if (rest.includes('#')) return { fault: 'has a # in it, which must be written as %23' };
  return undefined;
}

function findAddressFault(address: string): UrlFault | undefined {
  if (address.includes(',')) {
    return {
      fault: 'names several hosts: expected one',
      remedy: 'Name the one server to use, for example the writer endpoint',
    };
  }
  if (/%2f/i.test(address)) return { fault: 'names a Unix socket, which is not supported', remedy: REMEDIES.hostaddr! };
  if (/^\[[^\]]*%/.test(address)) {
    return {
      fault: 'names an IPv6 address with a zone, which is not supported',
      remedy: 'Name the server by its host name',
    };
  }
  if (/^(:|$)/.test(address)) return { fault: 'names no host' };
  const port = /^(?:\[[^\]]*\]|[^:[\]]*):([^:]*)$/.exec(address)?.[1];
  if (port !== undefined && port !== '' && !(/^\d+$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535)) {
    return { fault: 'is no URL: its port is not a number from 1 to 65535' };
  }
  return undefined;
}

function findParameterFault({ searchParams }: URL, isProven: boolean): UrlFault | undefined {
  const names = [...searchParams.keys()];
  for (const name of names) {
    const remedy = REMEDIES[name];
    if (!SUPPORTED.includes(name)) {
      const got = remedy !== undefined || isProven ? `, got '${name}'` : '';
      return { fault: `has a parameter that is not supported${got}`, remedy: remedy ?? 'Remove it' };
    }
    if (names.filter((other) => other === name).length > 1) return { fault: `has the parameter ${name} twice` };
  }
  const binding = searchParams.get('channel_binding');
  if (binding === null || binding === 'prefer' || binding === 'disable') return undefined;
  if (binding === 'require') {
    return {
      fault: 'has channel_binding=require, which is not supported',
      remedy: 'Remove it: sslmode=verify-full proves by the certificate that the server is the right one',
    };
  }
  return { fault: 'has a channel_binding that is neither prefer nor disable' };
}
