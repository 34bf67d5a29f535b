import fc from 'fast-check';
import { dateOf, daysOf, findDate } from '../../src/calendar/calendar-date.ts';
import { splitTimestamp } from '../../src/calendar/day-and-time.ts';

const DAY = 86_400_000_000n;

test('a date and its days are each other’s inverse, as JavaScript counts them', () => {
  fc.assert(
    fc.property(fc.integer({ min: -99_000_000, max: 99_000_000 }), (days) => {
      const { year, month, day } = dateOf(days);
      expect(daysOf(year, month, day)).toBe(days);
      const date = new Date(days * 86_400_000);
      expect([year, month, day]).toEqual([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]);
    }),
  );
});

test('a text is a date when the calendar has it', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      (year, month, day) => {
        const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
        const parsed = new Date(`${text}T00:00:00Z`);
        const isDate = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
        const bytes = Buffer.from(`..${text}..`);
        expect(findDate(bytes, 2, 12)).toBe(isDate ? parsed.getTime() / 86_400_000 : undefined);
      },
    ),
  );
});

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
