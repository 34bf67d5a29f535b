import {
  bigint,
  boolean,
  type ColumnType,
  date,
  enumeration,
  integer,
  numeric,
  plainNumeric,
  text,
  time,
  timestamp,
  varchar,
} from '@totesys/schema';

/** A value that a source may have: it is carried exactly, or goes to quarantine for `reason`. */
export interface TypeCase {
  /** The name of the value on the page and in test names. */
  readonly shown: string;
  /** The value as a SQL expression. */
  readonly sql: string;
  readonly reason?: string;
}

/** A column's type with the values to test; `declared` is the type in the source's DDL. */
export interface TypeCases {
  readonly column: string;
  readonly type: ColumnType;
  readonly declared: string;
  readonly cases: readonly TypeCase[];
}

/** The labels of the enum in the cases: with a quote, a space, a backslash and a character of four bytes. */
export const ODD_LABELS = ['plain', "it's", 'with space', 'back\\slash', '🧵'] as const;

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;
const exact = (...values: readonly string[]): TypeCase[] =>
  values.map((value) => ({ shown: `\`${value}\``, sql: literal(value) }));
const refused = (reason: string, ...values: readonly string[]): TypeCase[] =>
  values.map((value) => ({ shown: `\`${value}\``, sql: literal(value), reason }));
const called = (shown: string, sql: string): TypeCase => ({ shown, sql });

const NULL: TypeCase = { shown: 'null', sql: 'null' };
const TEXTS: readonly TypeCase[] = [
  called('the empty text', `''`),
  ...exact(' ', 'null', '\\N', '\\.', '\\', "O'Keefe", '"', '$$', '{}', '%s', '🧵', 'e\u0301'),
  called('tab, newline, carriage return', `E'\\t\\n\\r\\n'`),
  called('control characters', `E'\\x01\\x1f\\x7f'`),
  called('a byte order mark first', `U&'\\FEFFx'`),
  called('U+FFFD, U+FFFF, U+10FFFF', `U&'\\FFFD\\FFFF\\+10FFFF'`),
];

/** Every type that a model can use, with its values that are hard to carry. */
export const TYPE_CASES: readonly TypeCases[] = [
  { column: 'flag', type: boolean(), declared: 'boolean', cases: [NULL, ...exact('true', 'false')] },
  {
    column: 'small',
    type: integer(),
    declared: 'integer',
    cases: [NULL, ...exact('0', '-1', '2147483647', '-2147483648')],
  },
  {
    column: 'big',
    type: bigint(),
    declared: 'bigint',
    cases: [NULL, ...exact('0', '9007199254740993', '9223372036854775807', '-9223372036854775808')],
  },
  {
    column: 'money',
    type: numeric(10, 2),
    declared: 'numeric(10,2)',
    cases: [NULL, ...exact('0', '0.01', '-0.01', '12.30', '99999999.99', '-99999999.99'), ...refused('NaN', 'NaN')],
  },
  {
    column: 'wide',
    type: numeric(38, 10),
    declared: 'numeric(38,10)',
    cases: [
      NULL,
      ...exact('0.0000000001', '12345678901234567890.1234567891', '-12345678901234567890.1234567891'),
      ...exact('9999999999999999999999999999.9999999999', '-9999999999999999999999999999.9999999999'),
      ...refused('NaN', 'NaN'),
    ],
  },
  {
    column: 'whole',
    type: numeric(30, 0),
    declared: 'numeric(30,0)',
    cases: [NULL, ...exact('0', '123456789012345678901234567890', '-999999999999999999999999999999')],
  },
  {
    column: 'fine',
    type: numeric(30, 30),
    declared: 'numeric(30,30)',
    cases: [NULL, ...exact('0.000000000000000000000000000001', '-0.123456789012345678901234567891')],
  },
  {
    column: 'free',
    type: plainNumeric(20, 4),
    declared: 'numeric',
    cases: [
      NULL,
      ...exact('0', '1.5', '-1.5000', '9999999999999999.9999', '-9999999999999999.9999'),
      ...refused('more decimals than the column has', '0.00001', '1e-100'),
      ...refused(
        'more digits than the column has',
        '10000000000000000',
        '-10000000000000000',
        '1e16',
        '1e40',
        '1e1000',
      ),
      ...refused('NaN', 'NaN'),
      ...refused('infinity', 'Infinity'),
      ...refused('-infinity', '-Infinity'),
    ],
  },
  {
    column: 'word',
    type: text(),
    declared: 'text',
    cases: [
      NULL,
      ...TEXTS,
      called('1 MB of one letter (compressed in place)', `repeat('x', 1000000)`),
      called(
        '1 MB that does not compress (TOASTed)',
        `(select string_agg(md5(g::text), '') from generate_series(1, 32768) g)`,
      ),
    ],
  },
  {
    column: 'short',
    type: varchar(3),
    declared: 'varchar(3)',
    cases: [NULL, ...exact('GBP', '🧵🧵🧵', ' a '), called('the empty text', `''`)],
  },
  {
    column: 'label',
    type: enumeration('Odd', ODD_LABELS),
    declared: '"Odd"',
    cases: [NULL, ...exact(...ODD_LABELS)],
  },
  {
    column: 'day',
    type: date(),
    declared: 'date',
    cases: [
      NULL,
      ...exact('2024-02-29', '1970-01-01', '1969-12-31', '1900-02-28', '0001-01-01', '0001-12-31 BC', '4714-11-24 BC'),
      ...exact('9999-12-31', '10000-01-01', '294276-12-31', '5874897-12-31'),
      ...refused('infinity', 'infinity'),
      ...refused('-infinity', '-infinity'),
    ],
  },
  {
    column: 'hour',
    type: time(),
    declared: 'time',
    cases: [
      NULL,
      ...exact('00:00:00', '00:00:00.000001', '12:00:00', '23:59:59.999999'),
      ...refused('time 24:00:00', '24:00:00'),
    ],
  },
  {
    column: 'stamp',
    type: timestamp(3),
    declared: 'timestamp(3)',
    cases: [
      NULL,
      ...exact('2022-11-03 14:20:52.186', '2022-11-03 14:20:52', '2022-11-03 14:20:52.100', '1969-12-31 23:59:59.999'),
      ...refused('infinity', 'infinity'),
    ],
  },
  {
    column: 'at',
    type: timestamp(6),
    declared: 'timestamp',
    cases: [
      NULL,
      ...exact('2022-11-03 14:20:52.186123', '1970-01-01 00:00:00', '1969-12-31 23:59:59.999999'),
      ...exact('2000-01-01 00:00:00.000001', '1999-12-31 23:59:59.999999', '0001-01-01 00:00:00'),
      ...exact('0044-03-15 12:00:00 BC', '4714-11-24 00:00:00 BC', '10000-01-01 00:00:00.5'),
      ...exact('294246-12-31 23:59:59.999999', '294247-01-10 04:00:54.775807'),
      ...refused('beyond 64 bits of microseconds', '294247-01-10 04:00:54.775808', '294276-12-31 23:59:59.999999'),
      ...refused('infinity', 'infinity'),
      ...refused('-infinity', '-infinity'),
    ],
  },
];
