export * from './copy-in.ts';
export * from './copy-out.ts';
export * from './describe-database-error.ts';
export * from './errors.ts';
export * from './postgres.ts';
export * from './telemetry.ts';
