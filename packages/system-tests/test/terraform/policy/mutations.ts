import { ALARM_MUTATIONS } from './alarm-mutations.ts';
import { BUCKET_MUTATIONS } from './bucket-mutations.ts';
import { FUNCTION_MUTATIONS } from './function-mutations.ts';
import { edit, type Mutation } from './mutation.ts';
import { ROLE_MUTATIONS } from './role-mutations.ts';

/** At least one change for each rule. */
export const MUTATIONS: readonly Mutation[] = [
  ...ROLE_MUTATIONS,
  ...BUCKET_MUTATIONS,
  ...FUNCTION_MUTATIONS,
  ...ALARM_MUTATIONS,
  {
    name: 'something has no tags',
    rule: 'what can be tagged is',
    mutate: edit('aws_sns_topic', (values) => {
      values.tags_all = {};
    }),
  },
];
