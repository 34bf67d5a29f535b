import { ExitCode, openTerminal } from '@totesys/cli';
import { type Sandbox, type SandboxOptions, withSandbox } from '@totesys/sandbox';
import { parseOutput, type RawOptions } from './options.ts';
import { publishResult } from './report/publish-result.ts';
import type { BenchResult } from './report/result.ts';

/** Measures in a sandbox; `say` writes a line about what is being measured. */
export type Measurement = (sandbox: Sandbox, say: (line: string) => void) => Promise<BenchResult>;

/** Runs a measurement in a sandbox of its own, then prints, writes and compares its result. Returns the exit code. */
export async function runBench(
  name: string,
  options: RawOptions,
  measure: Measurement,
  sandboxOptions: SandboxOptions = {},
): Promise<number> {
  const output = await parseOutput(options);
  const terminal = openTerminal({ json: options.json === true, verbose: false });
  return withSandbox(
    name,
    async (sandbox) => {
      const result = await measure(sandbox, (line) => terminal.log(line));
      await publishResult(result, { terminal, ...output });
      return ExitCode.done;
    },
    sandboxOptions,
  );
}
