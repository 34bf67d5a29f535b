import fc from 'fast-check';
import { dateOf, daysOf, findDate } from '../../src/calendar/calendar-date.ts';

test('dateOf is the inverse of daysOf, and both agree with JavaScript’s Date', () => {
  fc.assert(
    fc.property(fc.integer({ min: -99_000_000, max: 99_000_000 }), (days) => {
      const { year, month, day } = dateOf(days);
      expect(daysOf(year, month, day)).toBe(days);
      const date = new Date(days * 86_400_000);
      expect([year, month, day]).toEqual([date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()]);
    }),
  );
});

test('a text is a date when the calendar has that day', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.integer({ min: 0, max: 13 }),
      fc.integer({ min: 0, max: 32 }),
      (year, month, day) => {
        const digits = (value: number, length: number) => String(value).padStart(length, '0');
        const text = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
        const parsed = new Date(`${text}T00:00:00Z`);
        const isDate = !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text);
        const bytes = Buffer.from(`..${text}..`);
        expect(findDate(bytes, 2, 12)).toBe(isDate ? parsed.getTime() / 86_400_000 : undefined);
      },
    ),
  );
});

test.each(['2023-1-01', ' 2023-01-01', '2023-01-01T00:00', '２０２３-01-01', '0000-01-01', ''])(
  '%p is not a date',
  (text) => {
    const bytes = Buffer.from(text);
    expect(findDate(bytes, 0, bytes.length)).toBeUndefined();
  },
);
