import { type Check, failed, failedBy, passed, warned } from './check.ts';
import type { DeployedStage, ReadStage } from './deployed-stage.ts';

/** Examines the deployed functions: their state, their schedules and their runs of the last hour. */
export async function examineDeployment(
  functions: Readonly<Record<string, string>>,
  read: ReadStage,
): Promise<readonly Check[]> {
  const examined = await Promise.all(
    Object.entries(functions).map(async ([stage, functionName]) => {
      try {
        const deployed = await read(functionName);
        return { checks: judgeStage(stage, deployed), version: deployed.codeVersion };
      } catch (error) {
        return { checks: [failedBy('aws', `function ${stage}`, error)], version: undefined };
      }
    }),
  );
  const versions = new Set(examined.flatMap(({ version }) => version ?? []));
  const found = `the functions have ${versions.size} code versions`;
  const mixed = versions.size > 1 ? [warned('aws', 'code version', found, 'Run: make deploy')] : [];
  return [...examined.flatMap(({ checks }) => checks), ...mixed];
}

/** Judges the function of one stage. */
export function judgeStage(stage: string, deployed: DeployedStage): Check[] {
  return [checkFunction(stage, deployed), checkSchedule(stage, deployed), checkRuns(stage, deployed)];
}

function checkFunction(stage: string, { functionName, state, lastUpdate, codeVersion }: DeployedStage): Check {
  const subject = `function ${stage}`;
  const version = codeVersion === undefined ? '' : `, version ${codeVersion}`;
  if (state === 'Active' && lastUpdate !== 'Failed')
    return passed('aws', subject, `${functionName} is active${version}`);
  const found = `${functionName}: expected it to be active, got ${state}, last update ${lastUpdate}`;
  return failed('aws', subject, found, 'Run: make deploy');
}

function checkSchedule(stage: string, { schedules }: DeployedStage): Check {
  const subject = `schedule ${stage}`;
  if (schedules.length === 0) return failed('aws', subject, 'no schedule starts it', 'Run: make deploy');
  const names = schedules.map(({ name }) => name).join(', ');
  if (schedules.some(({ isEnabled }) => isEnabled)) return passed('aws', subject, `${names} is enabled`);
  const remedy = 'Set paused = false in the variables of the environment, then run: make deploy';
  return warned('aws', subject, `${names} is disabled`, remedy);
}

function checkRuns(stage: string, { runs, failures }: DeployedStage): Check {
  const subject = `runs ${stage}`;
  const found = `${runs} in the last hour, ${failures} failed`;
  const remedy = 'Follow the error code in its log: docs/runbook.md has an entry for each.';
  if (runs === 0) return warned('aws', subject, 'none in the last hour', 'See its schedule above, and its log.');
  if (failures >= runs) return failed('aws', subject, found, remedy);
  return failures > 0 ? warned('aws', subject, found, remedy) : passed('aws', subject, found);
}
