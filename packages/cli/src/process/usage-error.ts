/** The command was called wrongly: exit code 2, and no effect anywhere. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
