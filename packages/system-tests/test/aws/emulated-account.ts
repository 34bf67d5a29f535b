import { startMinistack } from '@totesys/sandbox';

/** An emulated AWS account of one suite. */
export interface EmulatedAccount {
  /** Whether the emulator cannot be had; the suite's tests on the account are then skipped. */
  readonly isMissing: boolean;
  readonly endpoint: string;
  /** The variables with which a program uses the account. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts an emulated account, which the AWS clients of this process use until the suite ends. A suite calls it at its
 * top, before its own hooks.
 */
export async function startEmulatedAccount(): Promise<EmulatedAccount> {
  const ministack = await startMinistack();
  const before = { ...process.env };
  if ('missing' in ministack) {
    // biome-ignore lint/suspicious/noConsole: a skipped suite says why.
    console.warn(`Skipped, there is no account to look at: ${ministack.missing}`);
    return { isMissing: true, endpoint: '', env: {} };
  }
  beforeAll(() => void Object.assign(process.env, ministack.env));
  afterAll(async () => {
    process.env = before;
    await ministack.stop();
  });
  return { isMissing: false, endpoint: ministack.endpoint, env: ministack.env };
}
