import fc from 'fast-check';
import { backOffMs } from '../../src/repeat/back-off.ts';

test('the pause doubles with each failure in sequence, up to a minute', () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000_000].map((failures) => backOffMs(failures, () => 1));
  expect(longest).toEqual([0, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
});

test('half of the pause is certain, and the other half is random', () => {
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), random, (failures, drawn) => {
      const [pauseMs, limitMs] = [backOffMs(failures, () => drawn), backOffMs(failures, () => 1)];
      expect(pauseMs).toBeGreaterThanOrEqual(limitMs / 2);
      expect(pauseMs).toBeLessThanOrEqual(limitMs);
    }),
  );
});
