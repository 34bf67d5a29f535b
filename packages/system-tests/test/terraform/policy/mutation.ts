import { type Resource, resourcesOf, type State } from './state.ts';

/** A change of a state that the rules must notice, each by the rule that it breaks. */
export interface Mutation {
  readonly name: string;
  readonly rule: string;
  mutate(state: State): void;
}

type Values = Resource['values'];

/** Changes one resource of a type. */
export function edit(type: string, change: (values: Values) => void): (state: State) => void {
  return editWhere(type, () => true, change);
}

/** Changes the first resource of a type that fits. */
export function editWhere(type: string, matches: (values: Values) => boolean, change: (values: Values) => void) {
  return (state: State) => change(one(state, type, matches).values);
}

/** Takes one resource of a type away. */
export function remove(type: string): (state: State) => void {
  return (state) => {
    (one(state, type) as { mode: string }).mode = 'data';
  };
}

/** Replaces the first place in a stage's policy. */
export function inPolicyOf(stage: string, from: string | RegExp, to: string): (state: State) => void {
  return editWhere(
    'aws_iam_role_policy',
    ({ role }) => role.endsWith(`-${stage}`),
    (values) => {
      values.policy = values.policy.replace(from, to);
    },
  );
}

/** Replaces the first place in a bucket's policy. */
export function inBucketPolicy(from: string, to: string): (state: State) => void {
  return edit('aws_s3_bucket_policy', (values) => {
    // As compact as a real AWS may give it, or as spaced as Terraform writes it.
    values.policy = JSON.stringify(JSON.parse(values.policy), undefined, 1).replace(from, to);
  });
}

/** The first resource of a type that fits; a state without one makes the mutation mean nothing, and throws. */
export function one(state: State, type: string, matches: (values: Values) => boolean = () => true): Resource {
  const found = resourcesOf(state, type).find(({ values }) => matches(values));
  if (!found) throw new Error(`The state has no such ${type}; the mutation means nothing.`);
  return found;
}
