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
