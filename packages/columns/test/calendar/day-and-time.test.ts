import fc from 'fast-check';
import { splitTimestamp } from '../../src/calendar/day-and-time.ts';

const DAY = 86_400_000_000n;

test('every timestamp of 64 bits splits into its day and its microseconds', () => {
  const extremes = [
    0n,
    -1n,
    DAY - 1n,
    -DAY,
    2n ** 52n,
    2n ** 53n - 1n,
    -(2n ** 53n),
    2n ** 63n - 1n,
    -(2n ** 63n),
    104_249n * DAY - 1n,
  ];
  const value = fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
    fc.constantFrom(...extremes),
  );
  fc.assert(
    fc.property(value, (micros) => {
      const words = new Int32Array(BigInt64Array.of(micros).buffer);
      const split = { day: 0, micros: 0 };
      splitTimestamp(words, 0, split);
      expect(BigInt(split.day) * DAY + BigInt(split.micros)).toBe(micros);
      expect(split.micros).toBeGreaterThanOrEqual(0);
      expect(split.micros).toBeLessThan(Number(DAY));
    }),
    { numRuns: 2000 },
  );
});
