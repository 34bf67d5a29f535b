/** The SQLSTATEs that the pipeline expects of its databases, by the names that Postgres gives them. */
export const SqlState = {
  featureNotSupported: '0A000',
  stringTooLong: '22001',
  invalidParameterValue: '22023',
  notNullViolation: '23502',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  deadlockDetected: '40P01',
  insufficientPrivilege: '42501',
  undefinedObject: '42704',
  undefinedColumn: '42703',
  wrongObjectType: '42809',
  undefinedFunction: '42883',
  undefinedTable: '42P01',
  invalidTableDefinition: '42P16',
  objectNotInPrerequisiteState: '55000',
  /** A deferred foreign key has checks that still wait. */
  objectInUse: '55006',
  lockNotAvailable: '55P03',
} as const;

/** The SQLSTATE of what a statement failed with; undefined of any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

/** Data exceptions (class 22), data_corrupted and index_corrupted: what a server says of a value that it cannot read. */
const UNREADABLE_STATES = /^(22...|XX001|XX002)$/;

/** Returns the SQLSTATE of a statement that failed because of a row's content or damage; undefined for any other error. */
export function unreadableStateOf(error: unknown): string | undefined {
  const state = sqlStateOf(error);
  return typeof state === 'string' && UNREADABLE_STATES.test(state) ? state : undefined;
}
