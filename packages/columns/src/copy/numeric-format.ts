// The binary format of `numeric`: `numeric_send` and `NumericVar` in src/backend/utils/adt/numeric.c of Postgres.

/** The base of its digits. */
export const BASE = 10_000;
/** Decimal digits in one of its digits. */
export const DECIMALS_PER_DIGIT = 4;

/** Offset of the count of digits. */
export const DIGIT_COUNT_AT = 0;
/** Offset of the weight: the power of 10,000 of the first digit. */
export const WEIGHT_AT = 2;
/** Offset of the sign. */
export const SIGN_AT = 4;
/** Offset of the first digit, after the count of decimals after the point. */
export const DIGITS_AT = 8;
/** Bytes of a digit. */
export const DIGIT_BYTES = 2;

/** The sign of zero and of positive values. */
export const POSITIVE = 0x0000;
/** The sign of negative values. */
export const NEGATIVE = 0x4000;
/** The sign of NaN, which has no digits. */
export const NAN = 0xc000;
/** The sign of infinity, which has no digits. */
export const PLUS_INFINITY = 0xd000;
/** The sign of -infinity, which has no digits. */
export const MINUS_INFINITY = 0xf000;
