import { runSimulation } from '@cloud-copilot/iam-simulate';

/** A policy document, as its JSON or parsed. */
export type Policy = string | object;

/** A request that a principal sends to AWS; `context` has the condition keys that AWS would fill in. */
export interface Call {
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
}

/** Everything that AWS weighs for a role's request. */
export interface Policies {
  readonly role: string;
  readonly identity: readonly Policy[];
  readonly boundary?: Policy;
  /** The policy of the bucket that a request names, by the bucket's name. */
  readonly buckets?: Readonly<Record<string, Policy>>;
}

/**
 * Whether AWS would let the role do it, by a simulator that knows boundaries, resource policies and conditions; throws
 * where the request is none.
 */
export async function isAllowed(policies: Policies, { action, resource, context = {} }: Call): Promise<boolean> {
  const [, , , , accountId = ''] = policies.role.split(':');
  const bucket = /^arn:aws:s3:::([^/]+)/.exec(resource)?.[1];
  const resourcePolicy = resource.startsWith('arn:aws:kms:') ? keyPolicy(accountId) : policies.buckets?.[bucket ?? ''];
  const simulated = await runSimulation(
    {
      request: {
        principal: policies.role,
        action,
        resource: { resource, accountId },
        contextVariables: { 'aws:SecureTransport': 'true', ...context },
      },
      identityPolicies: policies.identity.map((policy, i) => ({ name: `identity-${i}`, policy: parse(policy) })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(resourcePolicy && { resourcePolicy: parse(resourcePolicy) }),
      ...(policies.boundary && {
        permissionBoundaryPolicies: [{ name: 'boundary', policy: parse(policies.boundary) }],
      }),
    },
    {},
  );
  if (simulated.resultType === 'error') throw new Error(`${action} ${resource}: ${JSON.stringify(simulated.errors)}`);
  return simulated.overallResult === 'Allowed';
}

// The simulator does not match `…:*/*`, which to IAM is any type and any id, as `…:*` is.
function parse(policy: Policy): object {
  return JSON.parse((typeof policy === 'string' ? policy : JSON.stringify(policy)).replaceAll(':*/*"', ':*"'));
}

// A key as KMS makes it: it lets the account's own policies decide.
function keyPolicy(account: string): object {
  const Principal = { AWS: `arn:aws:iam::${account}:root` };
  return { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }] };
}
