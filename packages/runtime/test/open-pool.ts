import { connect, type Sql } from '../src/index.ts';

/** A pool of one connection: whatever a statement leaves behind meets the next. */
export function openPool(url: string): Promise<Sql> {
  return connect(url, { subject: 'source', connections: 1, applicationName: 'runtime-test' });
}
