export {
  addOrder,
  type Change,
  deleteOrder,
  lateCommit,
  moveDepartment,
  type OpenChange,
  rowUnderSavepoint,
  unstampedEdit,
} from './changes.ts';
export { type Backup, type Cluster, type ClusterOptions, startCluster } from './cluster.ts';
export { damageText } from './damage-text.ts';
export { findChromium } from './find-chromium.ts';
export { findFullPostgres } from './full-postgres.ts';
export { type HeldOpen, holdOpen } from './hold-open.ts';
export { installPython, type PythonPackages } from './install-python.ts';
export { type Life, type LifeEvent, type LifeStep, live } from './live.ts';
export { loadSample } from './load-sample.ts';
export { type Ministack, startMinistack } from './ministack.ts';
export { findPgBouncer, type PgBouncer, startPgBouncer } from './pgbouncer.ts';
export { type Population, populate } from './populate.ts';
export { startTcpProxy, type TcpProxy, type TcpProxyFaults } from './tcp-proxy.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
export { createTestRole, type TestRole } from './test-role.ts';
export { createTotesysSchema, TOTESYS_TABLES } from './totesys-schema.ts';
export { skipTransactionIds } from './transaction-ids.ts';
export { until, untilBlocked } from './until.ts';
export * from './with-sandbox.ts';
