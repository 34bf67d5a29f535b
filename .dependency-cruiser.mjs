// Who may import whom. Each rule's comment is what the lint says.
const ONLY = (packages) => `^packages/(?!(${packages})/)`;
const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

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
      { path: '^packages/[^/]+/src/', pathNot: ['^packages/lake/src/sweepable/', '^packages/cli/src/sweep/'] },
      { path: '^packages/lake/src/sweepable/' },
    ),
    forbid(
      'lake-knows-stores',
      'Only lake knows S3, Parquet and folders.',
      { path: `${ONLY('lake|sandbox|cli|runtime')}[^/]+/src/` },
      { path: ['node_modules/@aws-sdk/client-s3/', 'node_modules/parquet-wasm/', '^(node:)?fs(/promises)?$'] },
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
      { path: '^packages/(ingest|transform|load)/src/' },
      { path: '^packages/(ingest|transform|load)/', pathNot: '^packages/$1/' },
    ),
    forbid(
      'foundation-knows-no-stage',
      'schema, runtime, lake and sandbox know no stage.',
      { path: '^packages/(schema|runtime|lake|sandbox)/src/' },
      { path: '^packages/(ingest|transform|load|cli)/' },
    ),
    forbid(
      'only-cli-imports-sandbox',
      'Only cli imports sandbox.',
      { path: `${ONLY('cli|sandbox')}[^/]+/src/` },
      { path: '^packages/(sandbox|cli)/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/(dist|build)/' },
    tsPreCompilationDeps: true,
    parser: 'swc',
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
    },
  },
};
