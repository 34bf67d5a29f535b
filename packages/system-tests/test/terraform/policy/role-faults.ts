import { expectedRights, nameOf, STAGES, WITHOUT_RESOURCE } from './rights.ts';
import { type Fault, resourcesOf, type State, statementsOf } from './state.ts';

/**
 * Faults of the roles: more or fewer rights than the stage needs, a wildcard, another principal that may assume them.
 */
export function* findRoleFaults(state: State): Generator<Fault> {
  const roles = resourcesOf(state, 'aws_iam_role');
  const policies = resourcesOf(state, 'aws_iam_role_policy');
  for (const type of ['aws_iam_role_policy_attachment', 'aws_iam_policy', 'aws_iam_user', 'aws_lambda_function_url']) {
    for (const { address } of resourcesOf(state, type))
      yield { rule: 'rights are inline, one policy a role', where: address };
  }
  for (const stage of STAGES) {
    const role = roles.find(({ values }) => values.name.endsWith(`-${stage}`));
    if (!role) yield { rule: 'each stage has a role', where: stage };
    const granted = policies
      .filter(({ values }) => values.role === role?.values.name)
      .flatMap(({ values }) => statementsOf(values.policy))
      .filter(({ effect }) => effect === 'Allow')
      .flatMap(({ actions, resources }) =>
        actions.flatMap((action) => resources.map((resource) => `${action} ${nameOf(state, stage, resource)}`)),
      );
    const expected = expectedRights(state, stage);
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
  if (roles.length !== STAGES.length)
    yield { rule: 'there is no other role', where: roles.map(({ address }) => address).join() };
}

function* findWildcards(address: string, policy: string): Generator<Fault> {
  for (const { sid, effect, actions, resources } of statementsOf(policy)) {
    if (sid === '') yield { rule: 'a statement has a sid', where: address };
    if (effect !== 'Allow') continue;
    for (const action of actions)
      if (action.includes('*')) yield { rule: 'no action has a wildcard', where: `${address}: ${action}` };
    for (const resource of resources) {
      if (resource === '*' && actions.every((action) => WITHOUT_RESOURCE.includes(action))) continue;
      // Objects of one named bucket, streams of one named log, interfaces of one account: what they are called is not
      // known before.
      const named = resource.replace(
        /^(arn:aws:s3:::[a-z0-9-]+(\/_manifests|\/_proofs)?\/|arn:aws:logs:[^*]+:log-stream:|arn:aws:ec2:[a-z0-9-]+:\d{12}:\*\/)\*$/,
        '',
      );
      if (named.includes('*')) yield { rule: 'no resource has a wildcard', where: `${address}: ${resource}` };
    }
  }
}
