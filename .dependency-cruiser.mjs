// Who may import whom. Each rule's comment is what the lint reports.

/** @typedef {import('dependency-cruiser').IForbiddenRuleType} Rule */

/** @param {string} packages */
const ONLY = (packages) => `^packages/(?!(${packages})/)`;

/**
 * @param {string} name
 * @param {string} comment
 * @param {Rule['from']} from
 * @param {object} to
 * @returns {Rule}
 */
const forbid = (name, comment, from, to) => /** @type {Rule} */ ({ name, comment, severity: 'error', from, to });

const FOUNDATION = 'schema|runtime|columns|lake|source|warehouse|iceberg';
const STAGES = 'ingest|transform|load|reconcile|publish';
const TOOLS = 'chaos|bench|demo|system-tests';

/** @type {import('dependency-cruiser').IConfiguration & { forbidden: Rule[] }} */
export default {
  forbidden: [
    forbid('no-cycles', 'Modules import each other in a circle.', {}, { circular: true }),
    forbid('resolvable', 'An import that resolves to nothing.', {}, { couldNotResolve: true }),
    forbid(
      'schema-is-pure',
      'schema is pure: no Node modules, no dependencies.',
      { path: '^packages/schema/src/' },
      { pathNot: '^packages/schema/src/' },
    ),
    forbid(
      'only-sweep-removes',
      'Only sweep removes objects: a store cannot.',
      {
        path: '^packages/[^/]+/src/',
        pathNot: ['^packages/lake/src/stores/(sweepable|derived)/', '^packages/cli/src/sweep/'],
      },
      { path: '^packages/lake/src/stores/sweepable/' },
    ),
    forbid(
      'only-publish-replaces',
      'Only what writes derived tables replaces and removes their objects.',
      {
        path: '^packages/[^/]+/src/',
        pathNot: ['^packages/lake/src/stores/derived/', '^packages/(iceberg|publish|cli)/src/'],
      },
      { path: '^packages/lake/src/stores/derived/' },
    ),
    forbid(
      'iceberg-knows-the-format',
      'Only iceberg knows the table format: Avro, and JSON with 63-bit ids.',
      { path: `${ONLY('iceberg')}[^/]+/src/` },
      { path: ['node_modules/avsc/', 'node_modules/lossless-json/'] },
    ),
    forbid(
      'lake-knows-files',
      'Only lake reads and writes files; runtime, the commands and the sandbox have files of their own.',
      { path: `${ONLY(`lake|sandbox|cli|runtime|${TOOLS}`)}[^/]+/src/` },
      { path: ['^(node:)?fs(/promises)?$'] },
    ),
    forbid(
      'lake-knows-parquet',
      'Only lake knows S3 and Parquet.',
      { path: `${ONLY('lake')}[^/]+/src/` },
      { path: ['node_modules/@aws-sdk/client-s3/', 'node_modules/parquet-wasm/'] },
    ),
    forbid(
      'runtime-knows-databases',
      'Only runtime knows the Postgres client, SSM and Powertools (sandbox prepares databases of its own).',
      { path: `${ONLY('runtime|sandbox')}[^/]+/src/` },
      {
        path: ['node_modules/postgres/', 'node_modules/@aws-sdk/client-ssm/', 'node_modules/@aws-lambda-powertools/'],
        dependencyTypesNot: ['type-only'],
      },
    ),
    forbid(
      'stages-meet-in-the-lake',
      'Stages never import each other.',
      { path: `^packages/(${STAGES})/src/` },
      { path: `^packages/(${STAGES})/`, pathNot: '^packages/$1/' },
    ),
    forbid(
      'foundation-knows-no-stage',
      'What the stages are built on imports no stage and no command.',
      { path: `^packages/(${FOUNDATION}|sandbox)/src/` },
      { path: `^packages/(${STAGES}|cli|${TOOLS})/` },
    ),
    forbid(
      'stages-know-no-command',
      'A stage imports no command.',
      { path: `^packages/(${STAGES})/src/` },
      { path: `^packages/(cli|${TOOLS})/` },
    ),
    forbid(
      'columns-know-no-lake',
      'columns is below lake and source: it imports schema and runtime alone.',
      { path: '^packages/columns/src/' },
      { path: '^packages/(lake|source|warehouse)/' },
    ),
    forbid(
      'report-draws-what-it-is-given',
      'report imports no other package, so that its page can be drawn from any data.',
      { path: '^packages/report/src/' },
      { path: '^packages/(?!report/)' },
    ),
    forbid(
      'sandbox-is-for-tools',
      'The sandbox serves tests, chaos, bench and demo; the operator’s command has no part of it.',
      { path: `${ONLY(`sandbox|${TOOLS}`)}[^/]+/src/` },
      { path: '^packages/(sandbox|chaos|bench|demo|system-tests)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/(dist|build)/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
