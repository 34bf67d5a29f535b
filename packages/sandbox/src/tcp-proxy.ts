import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * Faults of a network between a client and its server. Connections are counted from 1; only bytes from the server
 * count.
 */
export interface TcpProxyFaults {
  /** Closes one connection once the server has sent that many bytes on it. */
  readonly closes?: { readonly connection: number; readonly afterBytes: number };
  /**
   * Stops passing data in both directions once all connections together have passed that many bytes; both ends stay
   * open.
   */
  readonly freezes?: { readonly afterBytes: number; readonly admitsNew: boolean };
}

/** A TCP proxy on the loopback address. */
export interface TcpProxy {
  /** The URL of the database through the proxy. */
  readonly url: string;
  /** Connections so far. */
  connections(): number;
  isFrozen(): boolean;
  /** Freezes the connections that are open now. */
  freeze(): void;
  close(): Promise<void>;
}

/** Starts a proxy in front of the server of a database's URL. */
export async function startTcpProxy(url: string, { closes, freezes }: TcpProxyFaults = {}): Promise<TcpProxy> {
  const { hostname, port } = new URL(url);
  const open = new Set<Link>();
  let [count, bytes, hasFrozen] = [0, 0, false];
  const freeze = () => {
    hasFrozen = true;
    for (const link of open) link.freeze();
  };
  const server = createServer((client) => {
    const number = ++count;
    const link = new Link(client, connect(Number(port), hostname), (brought) => {
      bytes += brought;
      if (number === closes?.connection && link.bytes >= closes.afterBytes) link.close();
      if (freezes && !hasFrozen && bytes >= freezes.afterBytes) freeze();
    });
    open.add(link);
    client.on('close', () => open.delete(link));
    if (hasFrozen && freezes?.admitsNew === false) link.freeze();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxied = new URL(url);
  proxied.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: proxied.href,
    connections: () => count,
    isFrozen: () => hasFrozen,
    freeze,
    close: async () => {
      for (const link of open) link.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

class Link {
  bytes = 0;
  #isFrozen = false;
  readonly #client: Socket;
  readonly #server: Socket;

  constructor(client: Socket, server: Socket, onBytes: (bytes: number) => void) {
    [this.#client, this.#server] = [client, server];
    for (const socket of [client, server]) socket.on('error', () => {}).on('close', () => this.#end());
    client.on('data', (chunk) => this.#pass(client, server, chunk));
    server.on('data', (chunk) => {
      this.bytes += chunk.length;
      onBytes(chunk.length);
      this.#pass(server, client, chunk);
    });
  }

  freeze(): void {
    this.#isFrozen = true;
    this.#client.pause();
    this.#server.pause();
  }

  close(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  #pass(from: Socket, to: Socket, chunk: Buffer): void {
    if (this.#isFrozen || to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once('drain', () => {
      if (!this.#isFrozen) from.resume();
    });
  }

  // A frozen proxy does not notice that one side has closed.
  #end(): void {
    if (!this.#isFrozen) this.close();
  }
}
