import { measureLatencies, percentile } from '../../src/freshness/latencies.ts';
import { NEW_ORDER, OPERATION_KINDS, type OperationKind } from '../../src/freshness/operation-kinds.ts';
import type { Committed } from '../../src/freshness/perform-operations.ts';

const kindOf = (name: string) => OPERATION_KINDS.find((kind) => kind.name === name)!;
const design = kindOf('edited design');
const unstamped = kindOf('sales order edited without a stamp');
const made = (mark: number, kind: OperationKind, key = mark): Committed => ({
  kind,
  mark,
  key,
  transaction: String(mark),
  committedAt: 1_000 + mark,
});

test('a latency is the time from the commit to the arrival', () => {
  const operations = [1, 2, 3, 4].map((mark) => made(mark, NEW_ORDER));
  const arrivals = new Map(operations.map(({ mark, committedAt }) => [mark, committedAt + mark]));
  expect(measureLatencies(operations, arrivals, () => true)).toMatchObject({
    operations: 4,
    arrived: 4,
    p50: 2,
    p95: 4,
    most: 4,
    overTime: [1, 2, 3, 4].map((p99, index) => ({ second: index, p99 })),
  });
});

test('an operation whose row a later one changed is overwritten, not lost', () => {
  const operations = [made(1, design, 7), made(2, design, 7), made(3, design, 8)];
  const { overwritten, lost, arrived } = measureLatencies(operations, new Map([[2, 2_000]]), () => true);
  expect({ overwritten, arrived }).toEqual({ overwritten: 1, arrived: 1 });
  expect([...lost]).toEqual([['edited design', 1]]);
});

test('new orders of one design do not overwrite each other', () => {
  const { overwritten, lost } = measureLatencies([made(1, NEW_ORDER, 7), made(2, NEW_ORDER, 7)], new Map(), () => true);
  expect({ overwritten, lost: [...lost] }).toEqual({ overwritten: 0, lost: [['new sales order', 2]] });
});

test('operations that the tool does not find are not lost', () => {
  const { unfound, lost } = measureLatencies([made(1, unstamped)], new Map(), ({ isStamped }) => isStamped);
  expect({ unfound, lost: [...lost] }).toEqual({ unfound: 1, lost: [] });
});

test.each([
  [[3, 1, 2], 0.5, 2],
  [Array.from({ length: 100 }, (_, index) => index + 1), 0.99, 99],
  [[5], 0.01, 5],
])('the percentile of %j at %d is %d', (values, share, expected) => expect(percentile(values, share)).toBe(expected));
