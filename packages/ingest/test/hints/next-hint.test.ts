import { nextHint } from '../../src/hints/next-hint.ts';
import { releasesWal } from '../../src/hints/release.ts';

const FINGERPRINT = 'f'.repeat(64);
const before = {
  position: '1000',
  armedFrom: '50',
  fingerprint: FINGERPRINT,
  scannedTo: { xmin: '60', clock: '2026-01-01T00:00:00' },
  marks: [
    { position: '1000', next: '70' },
    { position: '1100', next: '90' },
  ],
};
const none = { keys: new Map(), truncated: new Set<string>() };
const seen = {
  place: { inserted: 2000n, nextId: 120 },
  xmin: 95,
  upto: 1900n,
  fingerprint: FINGERPRINT,
  peeked: { candidates: { ...none, firstUnseen: undefined }, confirmed: 900n },
  isDoubtful: false,
};

test('the position is where the first transaction that the snapshot does not see commits', () => {
  const unseen = { ...seen, peeked: { candidates: { ...none, firstUnseen: 1500n }, confirmed: 900n } };
  expect(nextHint(before, unseen)).toMatchObject({ position: '1500', armedFrom: '50' });
});

test('without such a transaction it is how far the slot was read, never further', () => {
  expect(nextHint(before, seen).position).toBe('1900');
  const beyond = { ...seen, peeked: { candidates: { ...none, firstUnseen: 1950n }, confirmed: 900n } };
  expect(nextHint(before, beyond).position).toBe('1900');
});

test('if the slot cannot be read, the newest mark that bounds the open transactions is the position', () => {
  expect(nextHint(before, { ...seen, peeked: undefined }).position).toBe('1100');
  expect(nextHint(before, { ...seen, xmin: 75, peeked: undefined }).position).toBe('1000');
  expect(nextHint(undefined, { ...seen, peeked: undefined }).position).toBeNull();
});

test('marks that no open transaction needs are dropped', () => {
  const added = { position: '1900', next: '120' };
  expect(nextHint(before, seen).marks).toEqual([before.marks[1], added]);
  expect(nextHint(before, { ...seen, xmin: 60 }).marks).toEqual([...before.marks, added]);
  expect(nextHint(before, { ...seen, xmin: 130 }).marks).toEqual([added]);
});

test('there is an upper limit to the marks, and the first one stays', () => {
  const marks = Array.from({ length: 500 }, (_, i) => ({ position: String(i), next: String(200 + i) }));
  const next = nextHint({ ...before, marks: [{ position: '0', next: '95' }, ...marks] }, { ...seen, xmin: 96 });
  expect(next.marks).toHaveLength(101);
  expect([next.marks[0], next.marks.at(-1)]).toEqual([
    { position: '0', next: '95' },
    { position: '1900', next: '120' },
  ]);
});

test.each([
  ['a new fingerprint', before, { ...seen, fingerprint: 'e'.repeat(64) }],
  ['a doubt', before, { ...seen, isDoubtful: true }],
  ['a slot that begins later', before, { ...seen, peeked: { ...seen.peeked, confirmed: 1001n } }],
  ['no state before', undefined, seen],
  ['no position before', { ...before, position: null }, seen],
])('after %s hints count once all transactions up to now have ended', (_name, state, observation) => {
  expect(nextHint(state, observation).armedFrom).toBe('120');
});

const MB = 1024n * 1024n;
test.each([
  ['a little WAL', { to: 15n * MB, next: 15n * MB, batchAgeMs: 3_600_000 }, false],
  ['some WAL, soon', { to: 20n * MB, next: 20n * MB, batchAgeMs: 60_000 }, false],
  ['some WAL, later', { to: 20n * MB, next: 20n * MB, batchAgeMs: 1_800_001 }, true],
  ['much WAL', { to: 300n * MB, next: 300n * MB, batchAgeMs: 0 }, true],
  ['much WAL that an open transaction keeps', { to: 300n * MB, next: MB, batchAgeMs: 3_600_000 }, false],
])('a run without changes and with %s: %j', (_name, retained, expected) => {
  expect(releasesWal({ from: 0n, ...retained })).toBe(expected);
});
