import { type Fault, type Resource, resourcesOf, type State } from './state.ts';

/** The variables that a function may have. A new one is reviewed first, because it might be a secret. */
const VARIABLES = [
  'BATCH_ROWS',
  'CODE_VERSION',
  'HINTS',
  'HINT_AUDIT_MINUTES',
  'INGESTION_URI',
  'METRIC_NAMESPACE',
  'NODE_EXTRA_CA_CERTS',
  'PROCESSED_URI',
  'PROOF_REQUESTS',
  'PROOF_SLICES',
  'SOURCE_URL_PARAMETER',
  'WAREHOUSE_URL_PARAMETER',
];
/** Retries of a failed run, and whether its event is kept. */
const FAILED_RUNS: Readonly<Record<string, readonly [number, boolean]>> = {
  ingest: [0, false],
  transform: [2, true],
  load: [0, false],
  reconcile: [0, false],
};

/** Which objects of which bucket wake which stage. */
const WAKES = ['ingestion/_manifests/*.json wakes transform', 'processed/_manifests/*.json wakes load'];

/** What is wrong with the functions, and with what wakes them. */
export function* findFunctionFaults(state: State): Generator<Fault> {
  const functions = resourcesOf(state, 'aws_lambda_function');
  const logGroups = resourcesOf(state, 'aws_cloudwatch_log_group');
  for (const { address, values } of functions) {
    const [logging] = values.logging_config;
    if (logging?.log_format !== 'JSON') yield { rule: 'a function logs JSON', where: address };
    if (!logGroups.some((group) => group.values.name === logging?.log_group))
      yield { rule: 'a function has a log group', where: address };
    if (values.architectures[0] !== 'arm64' || values.runtime !== 'nodejs24.x')
      yield { rule: 'a function runs on what was tested', where: address };
    if (values.reserved_concurrent_executions > -1) yield { rule: 'no concurrency is reserved', where: address };
    for (const variable of Object.keys(values.environment[0].variables)) {
      if (!VARIABLES.includes(variable))
        yield { rule: 'a function has no other variable', where: `${address}: ${variable}` };
    }
  }
  for (const [stage, [retries, keeps]] of Object.entries(FAILED_RUNS)) {
    const config = resourcesOf(state, 'aws_lambda_function_event_invoke_config').find(({ values }) =>
      values.function_name.endsWith(`-${stage}`),
    );
    if (config?.values.maximum_retry_attempts !== retries)
      yield { rule: 'failed runs are tried again as designed', where: stage };
    if (config?.values.destination_config.length > 0 !== keeps)
      yield { rule: 'dead letters are kept as designed', where: stage };
  }
  for (const { address, values } of logGroups) {
    if (!(values.retention_in_days > 0)) yield { rule: 'a log group has an end', where: address };
  }
  for (const { address, values } of resourcesOf(state, 'aws_sqs_queue')) {
    if (values.sqs_managed_sse_enabled !== true && !values.kms_master_key_id)
      yield { rule: 'a queue is encrypted', where: address };
  }
  yield* findWakeUpFaults(state);
}

function* findWakeUpFaults(state: State): Generator<Fault> {
  for (const { address, values } of resourcesOf(state, 'aws_lambda_permission')) {
    if (!values.source_arn) yield { rule: 'a permission names its source', where: address };
    if (values.principal === 's3.amazonaws.com' && !values.source_account)
      yield { rule: "S3's permission names the account", where: address };
    if (!['s3.amazonaws.com', 'events.amazonaws.com'].includes(values.principal))
      yield { rule: 'nobody else wakes a function', where: address };
  }
  const wakes = resourcesOf(state, 'aws_s3_bucket_notification').flatMap(({ values }) => wakesOf(values));
  if (wakes.sort().join() !== WAKES.join()) yield { rule: 'manifests wake transform and load', where: wakes.join() };
  const ticks = resourcesOf(state, 'aws_cloudwatch_event_target')
    .map(({ values }) => values.arn.split('-').at(-1))
    .sort();
  if (ticks.join() !== 'ingest,load,reconcile,transform') yield { rule: 'each stage has a clock', where: ticks.join() };
}

function wakesOf({ bucket, lambda_function: functions }: Resource['values']): string[] {
  const lake = ['ingestion', 'processed'].find((name) => bucket.includes(`-${name}-`));
  return functions.map(
    (wake: Resource['values']) =>
      `${lake}/${wake.filter_prefix}*${wake.filter_suffix} wakes ${wake.lambda_function_arn.split('-').at(-1)}`,
  );
}
