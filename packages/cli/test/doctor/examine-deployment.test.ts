import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { DeployedStage } from '../../src/doctor/deployed-stage.ts';
import { examineDeployment, judgeStage } from '../../src/doctor/examine-deployment.ts';

const sound: DeployedStage = {
  functionName: 'totesys-dev-ingest',
  state: 'Active',
  lastUpdate: 'Successful',
  codeVersion: 'abc',
  schedules: [{ name: 'totesys-dev-ingest', isEnabled: true }],
  runs: 60,
  failures: 0,
};

const states = (deployed: DeployedStage) => judgeStage('ingest', deployed).map(({ state }) => state);

test.each([
  ['a sound stage', {}, ['ok', 'ok', 'ok']],
  ['a function that AWS has stopped', { state: 'Inactive' }, ['fault', 'ok', 'ok']],
  ['a deployment that failed', { lastUpdate: 'Failed' }, ['fault', 'ok', 'ok']],
  ['no schedule', { schedules: [] }, ['ok', 'fault', 'ok']],
  ['a paused environment', { schedules: [{ name: 'x', isEnabled: false }], runs: 0 }, ['ok', 'warning', 'warning']],
  ['some failures', { failures: 3 }, ['ok', 'ok', 'warning']],
  ['failures alone', { runs: 4, failures: 4 }, ['ok', 'ok', 'fault']],
])('judges %s', (_what, change, expected) => {
  expect(states({ ...sound, ...change })).toEqual(expected);
  for (const { state, remedy } of judgeStage('ingest', { ...sound, ...change })) {
    expect(remedy === undefined).toBe(state === 'ok');
  }
});

test('a function that cannot be read hides no other, and versions that differ are a warning', async () => {
  const checks = await examineDeployment({ ingest: 'a', transform: 'b', load: 'c' }, async (functionName) => {
    if (functionName === 'a') throw new PipelineError(ErrorCode.CONNECTION_FAILED, 'It is forbidden. Give the right.');
    return { ...sound, functionName, codeVersion: functionName };
  });
  expect(checks.filter(({ state }) => state !== 'ok')).toMatchObject([
    { subject: 'function ingest', state: 'fault', found: 'It is forbidden', remedy: 'Give the right.' },
    { subject: 'code version', state: 'warning' },
  ]);
  expect(checks).toHaveLength(8);
});
