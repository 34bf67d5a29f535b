import { connect, type Sql } from '../src/index.ts';

/** A pool of one connection: the state that a statement leaves reaches the next one. */
export function openPool(url: string): Promise<Sql> {
  return connect(url, { subject: 'source', connections: 1, applicationName: 'runtime-test' });
}
