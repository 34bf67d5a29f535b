import { ErrorCode, PipelineError } from '@totesys/runtime';
import { examine, failedBy, passed } from '../../src/doctor/check.ts';

const late = { area: 'source', subject: 'checks', limitMs: 1 } as const;

test('the fault and the remedy of an error are two sentences of its message', () => {
  const message = "Table 'x' may not be read: expected SELECT on it. Run: grant select on x to the role.";
  expect(failedBy('source', 'table x', new PipelineError(ErrorCode.SOURCE_FORBIDDEN, message))).toEqual({
    area: 'source',
    subject: 'table x',
    state: 'fault',
    found: "Table 'x' may not be read: expected SELECT on it",
    remedy: 'Run: grant select on x to the role.',
  });
});

test('work that never ends is a fault of its own, and so is an error', async () => {
  expect(await examine(late, () => new Promise(() => {}))).toMatchObject([
    { state: 'fault', found: expect.stringContaining('no answer within') },
  ]);
  const fails = () => Promise.reject(new PipelineError(ErrorCode.QUERY_FAILED, 'It fails. Correct it.'));
  expect(await examine({ ...late, limitMs: 60_000 }, fails)).toMatchObject([
    { found: 'It fails', remedy: 'Correct it.' },
  ]);
  const done = [passed('source', 'version', '17')];
  expect(await examine({ ...late, limitMs: 60_000 }, async () => done)).toEqual(done);
});
