import type { TableWitness } from '@totesys/lake';
import { totesysModel } from '@totesys/schema';
import { contradicts } from '../../src/witness/check-witness-rows.ts';
import { findOtherHistory } from '../../src/witness/find-other-history.ts';
import type { WitnessRow } from '../../src/witness/table-witness.ts';
import type { Witnessed } from '../../src/witness/witnessed.ts';

const TWO_TO_32 = 2 ** 32;
const HASH = 'ab'.repeat(8);

interface Now {
  readonly xmin: number;
  readonly hash?: string | undefined;
}

// The last batch's fence is at 1000; the source has given out ids up to 2000 since.
const judged = (seen: Partial<WitnessRow> | undefined, now: Now, judge: object = {}) =>
  contradicts(
    { xmin: 1000, xmax: 2000, pairs: undefined, isComparable: true, ...judge },
    seen && { key: 7, id: 900, hash: HASH, ...seen },
    { key: 7, hash: HASH, ...now },
  );

describe('a row that a batch carried', () => {
  test.each<[string, boolean, Now, object?]>([
    ['is the same', false, { xmin: 900 }],
    ['is the same, and its values cannot be read', false, { xmin: 900, hash: undefined }],
    ['is the same, and its columns mean something else', false, { xmin: 900, hash: 'other' }, { isComparable: false }],
    ['has other values of the same transaction', true, { xmin: 900, hash: 'other' }],
    ['was written later', false, { xmin: 1500, hash: 'other' }],
    ['was written by the oldest transaction that the last batch had not seen', false, { xmin: 1000, hash: 'other' }],
    ['is as it was before', true, { xmin: 800, hash: 'other' }],
    ['was written by a newer transaction that the last batch has behind it', true, { xmin: 950, hash: 'other' }],
    ['is one that an earlier batch carried', true, { xmin: 1100 }, { pairs: { has: (id: number) => id === 1100 } }],
  ])('%s: contradicts %s', (_what, expected, now, judge = {}) => {
    expect(judged({}, now, judge)).toBe(expected);
  });

  test('is the same by the 32 bits that it shows, and a later one is later although its bits are fewer', () => {
    const judge = { xmin: TWO_TO_32 + 1000, xmax: TWO_TO_32 + 2000 };
    expect(judged({ id: TWO_TO_32 + 900 }, { xmin: 900 }, judge)).toBe(false);
    expect(judged({ id: TWO_TO_32 - 10 }, { xmin: 1500, hash: 'other' }, judge)).toBe(false);
    expect(judged({ id: TWO_TO_32 + 900 }, { xmin: TWO_TO_32 - 10, hash: 'other' }, judge)).toBe(true);
  });
});

test.each([
  ['older than the last batch', true, 800],
  ['written again', false, 1500],
])('a row that a batch named deleted, and that is there, %s: contradicts %s', (_what, expected, xmin) => {
  expect(judged(undefined, { xmin })).toBe(expected);
});

test('a manifest of an earlier version, without witnesses, checks nothing and asks nothing', async () => {
  const layout = { oid: '1', columns: [] };
  const tables = Object.fromEntries(totesysModel.source.map(({ name }) => [name, { coverage: 'full', layout }]));
  const connection = {
    unsafe: () => {
      throw new Error('asked');
    },
  };
  const witnessed = (witness?: TableWitness) =>
    ({
      model: totesysModel,
      state: {
        manifest: {
          source: {},
          fence: { to: { xmin: '1000', xmax: '1000' } },
          tables: { ...tables, staff: { ...tables.staff, witness } },
        },
      },
      snapshot: { fence: { xmin: '2000', xmax: '2000' }, connections: [connection] },
      layout: { tables: new Map(totesysModel.source.map(({ name }) => [name, layout])), warnings: [] },
      pairs: new Map(),
    }) as unknown as Witnessed;
  expect(await findOtherHistory(witnessed())).toBeUndefined();
  const witness = { since: '0', pairs: [], rows: [`7 900 ${HASH}`], deleted: [] };
  await expect(findOtherHistory(witnessed(witness))).rejects.toThrow('asked');
});
