import fc from 'fast-check';
import { fenceWindow, widenTransactionId } from '../../src/snapshot/fence.ts';

const EPOCH = 2 ** 32;

// What the statement's predicate computes, in 64-bit integers.
const inWindow = (shown: number, window: { low: number; span: number }) =>
  BigInt.asUintN(32, BigInt(shown) - BigInt(window.low)) < BigInt(window.span);

describe('the window of the fence', () => {
  test('holds every transaction from the old xmin up to the new xmax, in any epoch', () => {
    const id = fc.integer({ min: 3, max: 5 * EPOCH });
    fc.assert(
      fc.property(
        id,
        fc.integer({ min: 0, max: 2 * EPOCH }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (xmin, span, share) => {
          const xmax = xmin + span;
          const window = fenceWindow(
            { xmin: String(xmin), xmax: String(xmin) },
            { xmin: String(xmax), xmax: String(xmax) },
          );
          if (span === 0) return;
          const written = Math.min(xmax - 1, xmin + Math.floor(share * span));
          expect(inWindow(written % EPOCH, window)).toBe(true);
        },
      ),
    );
  });

  test('holds none just below it while less than an epoch has passed', () => {
    const window = fenceWindow({ xmin: '1000', xmax: '1005' }, { xmin: '2000', xmax: '2000' });
    expect([999, 1000, 1999, 2000].map((id) => inWindow(id, window))).toEqual([false, true, true, false]);
  });

  test('reads all again once more than an epoch has passed', () => {
    const window = fenceWindow(
      { xmin: '1000', xmax: '1000' },
      { xmin: String(1000 + EPOCH), xmax: String(1000 + EPOCH) },
    );
    expect([0, 3, 999, 1000, EPOCH - 1].every((id) => inWindow(id, window))).toBe(true);
  });
});

describe('widening a transaction id', () => {
  test('returns the newest id below xmax with the given lower 32 bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: EPOCH, max: 9 * EPOCH }), fc.integer({ min: 1, max: EPOCH }), (xmax, behind) => {
        const id = xmax - behind;
        expect(widenTransactionId(id % EPOCH, xmax)).toBe(id);
      }),
    );
  });
});
