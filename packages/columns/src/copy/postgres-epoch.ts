// Dates and timestamps of Postgres: https://www.postgresql.org/docs/current/datatype-datetime.html and
// src/include/datatype/timestamp.h. They count from 2000-01-01, Arrow's from 1970-01-01.
import { INT64_MAX } from '../arrow/words.ts';
import { DAY_MICROS } from '../calendar/day-and-time.ts';

/** Days from 1970-01-01 to 2000-01-01. */
export const EPOCH_DAYS = 10_957;
/** Microseconds from 1970-01-01 to 2000-01-01. */
export const EPOCH_MICROS = EPOCH_DAYS * DAY_MICROS;
/** The first date, 4714-11-24 BC, in days since 1970-01-01. */
export const FIRST_DAY = -2_440_588;

/** The date that means infinity, as Postgres counts. */
export const DATE_INFINITY = 0x7fff_ffff;
/** The date that means -infinity. */
export const DATE_MINUS_INFINITY = -0x8000_0000;
/** The timestamp that means infinity. */
export const TIMESTAMP_INFINITY = INT64_MAX;
/** The timestamp that means -infinity. */
export const TIMESTAMP_MINUS_INFINITY = -INT64_MAX - 1n;
