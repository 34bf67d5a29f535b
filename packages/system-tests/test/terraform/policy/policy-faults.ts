import { findAlarmFaults } from './alarm-faults.ts';
import { findBucketFaults } from './bucket-faults.ts';
import { findFunctionFaults } from './function-faults.ts';
import { findRoleFaults } from './role-faults.ts';
import { findSecrets } from './secret-faults.ts';
import { type Fault, managedResources, type State } from './state.ts';

/** Everything that is wrong with an applied state, by the rules that we hold it to. */
export function findPolicyFaults(state: State): Fault[] {
  return [
    ...findRoleFaults(state),
    ...findBucketFaults(state),
    ...findFunctionFaults(state),
    ...findAlarmFaults(state),
    ...findTagFaults(state),
    ...findSecrets(JSON.stringify(state), 'state'),
  ];
}

function* findTagFaults(state: State): Generator<Fault> {
  for (const { address, values } of managedResources(state)) {
    const isTagged = values.tags_all?.Project && values.tags_all.Environment;
    if ('tags_all' in values && !isTagged) yield { rule: 'what can be tagged is', where: address };
  }
}
