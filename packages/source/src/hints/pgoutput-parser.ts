// A module of its own, because a bundle with chunks exports a dynamically imported CommonJS file only as `default`. The
// import of this module has the named export in every bundle.
export { PgoutputParser } from 'pg-logical-replication/dist/output-plugins/pgoutput/pgoutput-parser.js';
