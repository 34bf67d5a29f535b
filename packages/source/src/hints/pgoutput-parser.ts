// A module of its own, so that importing it on demand works in every bundle: one with chunks exports a CommonJS file
// that is imported dynamically as `default` alone.
export { PgoutputParser } from 'pg-logical-replication/dist/output-plugins/pgoutput/pgoutput-parser.js';
