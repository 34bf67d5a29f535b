import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { SqlState } from '@totesys/runtime';
import { HINT_OBJECTS } from '@totesys/source';
import { HIDDEN_TABLE } from './change-source.ts';
import { die, type Effects, type Fault } from './effects.ts';
import { HiddenChanges } from './hidden-changes.ts';
import {
  copyFailMessage,
  failingMessage,
  MessageReader,
  type PostgresMessage,
  queryMessage,
  statementIn,
} from './postgres-messages.ts';

/** The SQLSTATE with which the server answers each of these faults. */
const SQLSTATES: Partial<Record<Fault, string>> = {
  'disk-full': SqlState.diskFull,
  'statement-timeout': SqlState.queryCanceled,
  'lock-timeout': SqlState.lockNotAvailable,
  'serialization-failure': SqlState.serializationFailure,
};

/** What a watched database needs for some faults. */
export interface DatabaseOptions {
  /** Crashes the server, which starts again by itself: the fault `restart`. */
  readonly restart: () => Promise<void>;
  /** A planted bug: commits before a statement that contains this text, and begins another transaction for it. */
  readonly commitBefore: string | undefined;
}

/**
 * Starts a proxy between a stage and its database, which records every statement and every message of a COPY and
 * injects the planned fault. Returns the URL of the proxy.
 */
export async function watchDatabase(url: string, effects: Effects, options: DatabaseOptions): Promise<string> {
  const { hostname, port } = new URL(url);
  const server = createServer((client) => new Session(client, connect(Number(port), hostname), effects, options));
  // The proxy does not keep the process running after the stage.
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const watched = new URL(url);
  watched.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return watched.href;
}

/** The function that reads the slot. */
const PEEK = `"${HINT_OBJECTS.schema}"."${HINT_OBJECTS.peek}"`;

class Session {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #effects: Effects;
  readonly #options: DatabaseOptions;
  readonly #asked = new MessageReader('client');
  readonly #answered = new MessageReader('server');
  #statement = '';
  /** Messages of a replaced extended query are dropped up to its Sync. */
  #isReplacing = false;
  /** The number of answers to queries that the client did not send. */
  #unasked = 0;
  #isCopyingOut = false;
  #hidden: HiddenChanges | undefined;
  /** Called after everything so far has been sent to the server. */
  #next: (() => void) | undefined;

  constructor(client: Socket, server: Socket, effects: Effects, options: DatabaseOptions) {
    this.#client = client.setNoDelay();
    this.#server = server.setNoDelay();
    this.#effects = effects;
    this.#options = options;
    client.on('data', (chunk) => this.guarded(() => this.ask(chunk)));
    server.on('data', (chunk) => this.guarded(() => this.answer(chunk)));
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('end', () => other.end());
      socket.on('close', () => other.destroy());
    }
  }

  private ask(chunk: Buffer): void {
    for (const message of this.#asked.read(chunk)) {
      if (this.#client.destroyed) return;
      this.forward(message);
    }
    const next = this.#next;
    this.#next = undefined;
    if (next) this.#server.write('', next);
  }

  private forward(message: PostgresMessage): void {
    if (this.#isReplacing) {
      this.#isReplacing = message.type !== 'S';
      return;
    }
    if (message.type === 'P' || message.type === 'Q') this.#statement = statementIn(message);
    const fault = this.meet(message.type);
    if (message.type === 'P' && this.#options.commitBefore && this.#statement.includes(this.#options.commitBefore)) {
      this.#unasked++;
      this.#server.write(queryMessage('commit; begin'));
    }
    if (fault === undefined) this.#server.write(message.bytes);
    else this.inject(fault, message);
  }

  private meet(type: string): Fault | undefined {
    const label = labelOf(this.#statement);
    switch (type) {
      case 'Q':
      case 'B':
        return this.#effects.record('statement', label);
      case 'd':
        return this.#effects.record('copy-in', `rows of ${label}`);
      case 'c':
        return this.#effects.record('copy-in', `end of ${label}`);
      default:
        return undefined;
    }
  }

  private inject(fault: Fault, message: PostgresMessage): void {
    const sqlstate = SQLSTATES[fault];
    if (sqlstate !== undefined) {
      this.#isReplacing = message.type === 'B';
      this.#server.write(failingMessage(sqlstate));
    } else if (fault === 'copy-failed') this.#server.write(copyFailMessage());
    else if (fault === 'cut') this.cut();
    else if (fault === 'restart') this.crashServer();
    else {
      this.#server.write(message.bytes);
      this.#next = fault === 'kill-after' ? die : () => this.cut();
    }
  }

  private answer(chunk: Buffer): void {
    for (const message of this.#answered.read(chunk)) {
      if (this.#client.destroyed) return;
      if (this.#unasked > 0) {
        if (message.type === 'Z') this.#unasked--;
        continue;
      }
      const isFirst = message.type === 'd' && !this.#isCopyingOut;
      this.#isCopyingOut = message.type === 'd' || (this.#isCopyingOut && message.type !== 'Z');
      const fault = isFirst ? this.meetRows() : undefined;
      if (fault === 'unseen') this.#hidden = new HiddenChanges(HIDDEN_TABLE);
      if (!this.#isCopyingOut) this.#hidden = undefined;
      if (fault === 'cut') this.cut();
      else if (fault === 'restart') this.crashServer();
      else if (!this.#hidden?.hides(message)) this.#client.write(message.bytes);
    }
  }

  private meetRows(): Fault | undefined {
    return this.#effects.record(
      this.#statement.includes(PEEK) ? 'peek' : 'copy-out',
      `rows of ${labelOf(this.#statement)}`,
    );
  }

  private cut(): void {
    this.#client.destroy();
    this.#server.destroy();
  }

  // The crash ends this session too.
  private crashServer(): void {
    this.#options.restart().catch(failKit);
  }

  // An error of the kit itself must not count as a failure of the stage.
  private guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      failKit(error);
    }
  }
}

/** The exit code of a stage's process after an error of the kit itself. */
export const KIT_FAILED = 70;

function failKit(error: unknown): never {
  process.stderr.write(`The crash kit failed: ${(error as Error).stack}\n`);
  process.exit(KIT_FAILED);
}

/** Returns the name of a statement: its beginning on one line, without literals, which differ from run to run. */
function labelOf(statement: string): string {
  return statement
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/'[^']*'/g, "'…'")
    .trim()
    .slice(0, LABEL_CHARACTERS);
}

const LABEL_CHARACTERS = 80;
