// Preloaded into a process of the command: its clock is CLOCK_SHIFT_MS off, as on a machine whose clock is wrong.
const shiftMs = Number(process.env.CLOCK_SHIFT_MS);
const { now } = Date;

globalThis.Date = class extends Date {
  constructor(...given) {
    if (given.length === 0) super(now() + shiftMs);
    else super(...given);
  }

  static now() {
    return now() + shiftMs;
  }
};
