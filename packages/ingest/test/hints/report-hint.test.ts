import { KeySet } from '@totesys/lake';
import { silentTelemetry } from '@totesys/runtime';
import { HintRefusal } from '@totesys/source';
import { describeRefusal, reportHint } from '../../src/hints/report-hint.ts';
import type { TakenHint } from '../../src/hints/taken-hint.ts';

const NOTHING = { audit: undefined, followed: undefined, next: undefined, confirmed: undefined, mustCommit: false };
const keys = (...numbers: number[]) => KeySet.of(numbers.map((key) => [key, key]));

function report(trusted: TakenHint['trusted'], changes: Parameters<typeof reportHint>[1]) {
  const metrics: Record<string, number> = {};
  const lines: Record<string, unknown>[] = [];
  const note = (event: string, fields: object = {}) => void lines.push({ event, ...fields });
  const telemetry = {
    ...silentTelemetry,
    info: note,
    warn: note,
    metric: (name: string, value: number) => {
      metrics[name] = value;
    },
  };
  const hint = { ...NOTHING, trusted };
  reportHint({ telemetry, hint }, changes);
  return { metrics, lines };
}

test('changes that a trusted hint lacks are counted, and named without values', () => {
  const trusted = { keys: new Map([['staff', keys(1, 2, 9)]]), truncated: new Set(['design']), firstUnseen: undefined };
  const changes = new Map([
    ['staff', { carried: keys(1, 3), deleted: keys(2, 4), overdue: keys(3) }],
    ['design', { carried: keys(7), deleted: KeySet.empty, overdue: KeySet.empty }],
    ['payment', { carried: KeySet.empty, deleted: keys(5), overdue: KeySet.empty }],
  ]);
  expect(report(trusted, changes)).toEqual({
    metrics: { HintsUsed: 1, HintsFellBack: 0, HintsMissed: 3 },
    lines: [
      { event: 'hint:missed', table: 'staff', rows: 2, keys: [3, 4] },
      { event: 'hint:missed', table: 'payment', rows: 1, keys: [5] },
    ],
  });
});

test('a refused hint is compared with nothing', () => {
  const changes = new Map([['staff', { carried: keys(1), deleted: KeySet.empty, overdue: KeySet.empty }]]);
  const refused = new HintRefusal('not-set-up', 'slot totesys_hints: it does not exist', { remedy: 'Do it.' });
  expect(report(refused, changes)).toEqual({
    metrics: { HintsUsed: 0, HintsFellBack: 1 },
    lines: [{ event: 'hint:refused', reason: 'not-set-up', fault: refused.message, remedy: 'Do it.' }],
  });
});

test('only a refusal with a remedy is a warning', () => {
  const of = (trusted: HintRefusal) => describeRefusal({ trusted });
  expect(of(new HintRefusal('not-armed', 'open'))).toBeUndefined();
  expect(of(new HintRefusal('not-set-up', 'it is missing', { remedy: 'Do it.' }))).toBe(
    'The change hint is not used: it is missing. Do it.',
  );
});
