import { daysOf } from '../../src/calendar/calendar-date.ts';
import { EPOCH_DAYS, EPOCH_MICROS, FIRST_DAY } from '../../src/copy/postgres-epoch.ts';

test('the epoch is 2000-01-01, and the first day is 4714-11-24 BC', () => {
  expect(EPOCH_DAYS).toBe(daysOf(2000, 1, 1));
  expect(EPOCH_MICROS).toBe(Date.UTC(2000, 0, 1) * 1000);
  expect(FIRST_DAY).toBe(daysOf(-4713, 11, 24));
});
