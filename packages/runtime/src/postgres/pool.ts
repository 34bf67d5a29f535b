import type postgres from 'postgres';

/** A pool of connections to one database. */
export type Sql = postgres.Sql;

/** A pool whose statements run in transactions only, which `inTransaction` and `beginTransaction` begin. */
export type Pool = Pick<postgres.Sql, 'reserve' | 'end' | 'options'>;

/** One connection of a pool: reserved, or in a transaction. */
export type Connection = postgres.ReservedSql | postgres.TransactionSql | Transaction;

/** A transaction in progress; work that may fail without ending it runs in its `savepoint`. */
export type Transaction = postgres.ISql<Record<never, never>> & {
  savepoint<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>;
};
