/** The SQLSTATEs that the pipeline handles, by their names in Postgres. */
export const SqlState = {
  protocolViolation: '08P01',
  featureNotSupported: '0A000',
  stringTooLong: '22001',
  characterNotInRepertoire: '22021',
  invalidParameterValue: '22023',
  untranslatableCharacter: '22P05',
  notNullViolation: '23502',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  readOnlySqlTransaction: '25006',
  idleInTransactionSessionTimeout: '25P03',
  transactionTimeout: '25P04',
  invalidAuthorizationSpecification: '28000',
  invalidPassword: '28P01',
  dependentObjectsStillExist: '2BP01',
  invalidCatalogName: '3D000',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  insufficientPrivilege: '42501',
  undefinedColumn: '42703',
  undefinedObject: '42704',
  wrongObjectType: '42809',
  undefinedFunction: '42883',
  undefinedTable: '42P01',
  invalidTableDefinition: '42P16',
  diskFull: '53100',
  tooManyConnections: '53300',
  objectNotInPrerequisiteState: '55000',
  /** A deferred foreign key has pending checks. */
  objectInUse: '55006',
  lockNotAvailable: '55P03',
  /** By statement_timeout, or by a session that cancels it. */
  queryCanceled: '57014',
  cannotConnectNow: '57P03',
  idleSessionTimeout: '57P05',
  dataCorrupted: 'XX001',
  indexCorrupted: 'XX002',
} as const;

/** Classes of SQLSTATEs: the characters with which each of their codes begins. */
export const SqlStateClass = {
  connectionException: '08',
  featureNotSupported: '0A',
  dataException: '22',
  invalidTransactionState: '25',
  invalidAuthorization: '28',
  invalidCatalogName: '3D',
  invalidSchemaName: '3F',
  transactionRollback: '40',
  syntaxErrorOrAccessRuleViolation: '42',
  insufficientResources: '53',
  programLimitExceeded: '54',
  objectNotInPrerequisiteState: '55',
  operatorIntervention: '57',
  /** The part of class 57 that ends or refuses a session; query_canceled is not in it. */
  sessionEnd: '57P',
  systemError: '58',
  internalError: 'XX',
} as const;

/** Returns the SQLSTATE of a failed statement; undefined for any other error. */
export function sqlStateOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

/** Whether a SQLSTATE is one of these, or belongs to a class among them. */
export function isOneOfStates(state: string | undefined, states: readonly string[]): boolean {
  return typeof state === 'string' && states.some((each) => state.startsWith(each));
}

/** SQLSTATEs that a server reports for a value that it cannot read. */
const UNREADABLE_STATES = [SqlStateClass.dataException, SqlState.dataCorrupted, SqlState.indexCorrupted];

/**
 * Returns the SQLSTATE of a statement that failed because of a row's content or damage; undefined for any other error.
 */
export function unreadableStateOf(error: unknown): string | undefined {
  const state = sqlStateOf(error);
  return isOneOfStates(state, UNREADABLE_STATES) ? state : undefined;
}
