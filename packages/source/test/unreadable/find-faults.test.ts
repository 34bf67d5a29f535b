import { findFaults, type Probe, type RowFault } from '../../src/unreadable/find-faults.ts';

const fault: RowFault = { sqlstate: '22012', sentence: '22012: division by zero' };
const MAX = Number.MAX_SAFE_INTEGER;

test.each<[string, number, number, number[]]>([
  ['at both ends of integers', -0x80000000, 0x7fffffff, [-0x80000000, 0x7fffffff]],
  ['beside each other, across zero', -8, 8, [-1, 0, 1]],
  ['alone', 5, 5, [5]],
  ['among the greatest keys of a bigint column', MAX - 2, MAX, [MAX - 1, MAX]],
  ['among the least', -MAX, -MAX + 2, [-MAX, -MAX + 1]],
  ['in all that a bigint column may hold', -MAX, MAX, [-MAX, 0, MAX]],
])('finds rows that cannot be read %s', async (_where, first, last, bad) => {
  let probes = 0;
  const probe: Probe = async (from, to) => {
    if (++probes > 1_000) throw new Error('It comes to no end.');
    return bad.some((key) => from <= key && key <= to) ? fault : undefined;
  };
  const found = new Map<number, RowFault>();
  await findFaults(probe, { first, last, isKnown: true }, found, 100);
  expect([...found.keys()]).toEqual(bad);
});
