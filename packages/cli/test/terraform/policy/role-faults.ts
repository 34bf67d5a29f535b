import { type Fault, resourcesOf, type State, statementsOf } from './state.ts';

/** Exactly what each stage's role may do: action and what it touches, where names stand for the state's own. */
const RIGHTS: Readonly<Record<string, readonly string[]>> = {
  ingest: [
    's3:ListBucket ingestion',
    's3:GetObject ingestion/*',
    's3:PutObject ingestion/*',
    'ssm:GetParameter source-url',
    'logs:CreateLogStream log',
    'logs:PutLogEvents log',
  ],
  transform: [
    's3:ListBucket ingestion',
    's3:GetObject ingestion/*',
    's3:ListBucket processed',
    's3:GetObject processed/*',
    's3:PutObject processed/*',
    'sqs:SendMessage dead-letters',
    'logs:CreateLogStream log',
    'logs:PutLogEvents log',
  ],
  load: [
    's3:ListBucket ingestion',
    's3:GetObject ingestion/_manifests/*',
    's3:ListBucket processed',
    's3:GetObject processed/*',
    'ssm:GetParameter warehouse-url',
    'logs:CreateLogStream log',
    'logs:PutLogEvents log',
  ],
};

/** What is wrong with the roles: more or fewer rights than the stage needs, a wildcard, somebody else who may take them. */
export function* findRoleFaults(state: State): Generator<Fault> {
  const roles = resourcesOf(state, 'aws_iam_role');
  const policies = resourcesOf(state, 'aws_iam_role_policy');
  for (const type of ['aws_iam_role_policy_attachment', 'aws_iam_policy', 'aws_iam_user', 'aws_lambda_function_url']) {
    for (const { address } of resourcesOf(state, type))
      yield { rule: 'rights are inline, one policy a role', where: address };
  }
  for (const [stage, expected] of Object.entries(RIGHTS)) {
    const role = roles.find(({ values }) => values.name.endsWith(`-${stage}`));
    if (!role) yield { rule: 'each stage has a role', where: stage };
    const granted = policies
      .filter(({ values }) => values.role === role?.values.name)
      .flatMap(({ values }) => statementsOf(values.policy))
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions, resources }) =>
        actions.flatMap((action) => resources.map((resource) => `${action} ${shorten(state, stage, resource)}`)),
      );
    for (const right of granted)
      if (!expected.includes(right)) yield { rule: 'a role has no other right', where: `${stage}: ${right}` };
    for (const right of expected)
      if (!granted.includes(right)) yield { rule: 'a role has each right', where: `${stage}: ${right}` };
  }
  for (const { address, values } of policies) yield* findWildcards(address, values.policy);
  for (const { address, values } of roles) {
    if (values.path === '/') yield { rule: 'a role lies below a path', where: address };
    if (!/"Service": ?"lambda\.amazonaws\.com"/.test(values.assume_role_policy))
      yield { rule: 'Lambda alone takes a role', where: address };
  }
  if (roles.length !== Object.keys(RIGHTS).length)
    yield { rule: 'there is no other role', where: roles.map(({ address }) => address).join() };
}

function* findWildcards(address: string, policy: string): Generator<Fault> {
  for (const { sid, effect, actions, resources } of statementsOf(policy)) {
    if (sid === '') yield { rule: 'a statement has a sid', where: address };
    if (effect !== 'Allow') continue;
    for (const action of actions)
      if (action.includes('*')) yield { rule: 'no action has a wildcard', where: `${address}: ${action}` };
    for (const resource of resources) {
      // Objects of one named bucket, streams of one named log: what they are called is not known before.
      const named = resource.replace(
        /^(arn:aws:s3:::[a-z0-9-]+(\/_manifests)?\/|arn:aws:logs:[^*]+:log-stream:)\*$/,
        '$1',
      );
      if (named.includes('*')) yield { rule: 'no resource has a wildcard', where: `${address}: ${resource}` };
    }
  }
}

function shorten(state: State, stage: string, arn: string): string {
  const buckets = state.values.outputs.buckets!.value as Record<string, string>;
  for (const [key, uri] of Object.entries(buckets)) {
    const bucket = `arn:aws:s3:::${uri.slice('s3://'.length)}`;
    if (arn === bucket || arn.startsWith(`${bucket}/`)) return key + arn.slice(bucket.length);
  }
  const logs = state.values.outputs.log_groups!.value as Record<string, string>;
  if (arn.endsWith(`:log-group:${logs[stage]}:log-stream:*`)) return 'log';
  const parameters = state.values.outputs.parameters!.value as Record<string, string>;
  for (const name of Object.values(parameters)) if (arn.endsWith(`:parameter${name}`)) return name.split('/').at(-1)!;
  return arn.endsWith(`-${stage}-dead-letters`) ? 'dead-letters' : arn;
}
