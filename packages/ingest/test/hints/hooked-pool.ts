import type { Pool } from '@totesys/runtime';

/** What happens before a statement is sent; the statement waits for it. Undefined lets it through at once. */
export type Hook = (statement: string) => Promise<unknown> | undefined;

/** Returns the pool with a hook before each statement of its reserved connections. */
export function hookPool<T extends Pool>(pool: T, hook: Hook): T {
  return new Proxy(pool, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      return name === 'reserve' ? async () => hookConnection(await target.reserve(), hook) : value;
    },
  });
}

function hookConnection<T extends object>(connection: T, hook: Hook): T {
  // Statements of a connection keep their order, however long each hook takes.
  let pending = 0;
  let last: Promise<unknown> = Promise.resolve();
  return new Proxy(connection, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (name !== 'unsafe' || typeof value !== 'function') return value;
      return (text: string, ...rest: unknown[]) => {
        const work = hook(text);
        if (!work && pending === 0) return value(text, ...rest);
        pending++;
        last = Promise.all([last, work]).finally(() => {
          pending--;
        });
        return sendAfter(last, () => value(text, ...rest));
      };
    },
  });
}

// A query of the driver is sent when it is awaited, or when its stream is asked for.
function sendAfter(before: Promise<unknown>, send: () => PromiseLike<unknown> & { readable(): Promise<unknown> }) {
  const sent = () => before.then(() => send());
  return {
    // biome-ignore lint/suspicious/noThenProperty: it replaces a query of the driver, which is a thenable.
    then: (...reactions: Parameters<Promise<unknown>['then']>) => sent().then(...reactions),
    catch: (reaction: (error: unknown) => unknown) => sent().catch(reaction),
    readable: () => before.then(() => send().readable()),
  };
}

/** Returns a hook that does something once, before the `nth` statement that contains a text. */
export function before(text: string, work: () => Promise<unknown>, nth = 1): Hook {
  let seen = 0;
  return (statement) => {
    if (!statement.includes(text) || ++seen !== nth) return undefined;
    return work();
  };
}
