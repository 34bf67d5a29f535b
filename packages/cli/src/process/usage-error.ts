/** The command line or the environment is wrong: exit code 2, and the command has no effect. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
