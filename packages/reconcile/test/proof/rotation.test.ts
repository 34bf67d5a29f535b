import fc from 'fast-check';
import { cutSlice, isLastSlice, nextSlice, type Slice } from '../../src/proof/rotation.ts';

const next = ({ slice, slices }: Slice, keys: Record<string, number>) => ({ slice: slice + 1, slices, keys, batch: 1 });

test('a cycle compares each key once, also while the table grows', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: -50, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 30, maxLength: 30 }),
      (slices, first, growth) => {
        let last = first + growth[0]!;
        const bounds = { first, last };
        const compared: number[] = [];
        let slice = nextSlice(undefined, slices);
        for (let run = 0; run < slices; run++) {
          expect({ slice: slice.slice, isLast: isLastSlice(slice) }).toEqual({
            slice: run,
            isLast: run === slices - 1,
          });
          last += growth[run]!;
          const range = cutSlice(slice, 'table', { ...bounds, last });
          for (let key = range?.first ?? 1; key <= (range?.last ?? 0); key++) compared.push(key);
          const keys = range ? { table: range.last + 1 } : slice.keys;
          slice = nextSlice(next(slice, keys), slices);
        }
        expect(compared).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
        // The next cycle begins at the first key.
        expect(slice).toEqual({ slice: 0, slices, keys: {} });
      },
    ),
  );
});

test('a slice has an equal share of the keys that are left', () => {
  const slice = { slice: 22, slices: 24, keys: { table: 901 } };
  expect(cutSlice(slice, 'table', { first: 1, last: 1_000 })).toEqual({ first: 901, last: 950 });
  expect(cutSlice(slice, 'new', { first: 5, last: 6 })).toEqual({ first: 5, last: 5 });
  expect(cutSlice({ ...slice, keys: { table: 1_001 } }, 'table', { first: 1, last: 1_000 })).toBeUndefined();
});

test('another number of slices begins a cycle', () => {
  expect(nextSlice({ slice: 5, slices: 24, keys: { table: 9 }, batch: 1 }, 12)).toEqual({
    slice: 0,
    slices: 12,
    keys: {},
  });
  expect(nextSlice({ slice: 5, slices: 24, keys: { table: 9 }, batch: 1 }, 24)).toMatchObject({ slice: 5 });
});
