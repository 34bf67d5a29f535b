import { spawn } from 'node:child_process';

/** What a program left. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program of the checkout to its end, with no more of our environment than a shell would give it. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { cwd: string; env?: Readonly<Record<string, string>>; input?: string },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { PATH, HOME, TERRAFORM, TF_CLI_CONFIG_FILE, TOTESYS_CACHE } = process.env;
    const inherited = { PATH, HOME, TERRAFORM, TF_CLI_CONFIG_FILE, TOTESYS_CACHE };
    const child = spawn(program, args, {
      cwd: options.cwd,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...inherited, ...options.env },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
    // A program that reads nothing closes its end.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}
