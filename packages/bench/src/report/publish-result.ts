import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Terminal } from '@totesys/cli';
import { printComparison } from './compare-results.ts';
import { printResult } from './print-result.ts';
import type { BenchResult } from './result.ts';

/** Where a result goes, and what it is compared with. */
export interface Publication {
  readonly terminal: Terminal;
  /** The folder that gets `<kind>.json` and `<kind>.svg`. */
  readonly folder: string;
  readonly before: BenchResult | undefined;
}

/** Prints the result, writes it as JSON and as a plot, and compares it with an earlier one. */
export async function publishResult(result: BenchResult, { terminal, folder, before }: Publication): Promise<void> {
  // Imported only here: the processes of the floors, which load this package too, plot nothing.
  const { plotResult } = await import('./plot.ts');
  await mkdir(folder, { recursive: true });
  const file = join(folder, result.kind);
  await writeFile(`${file}.json`, `${JSON.stringify(result, null, 2)}\n`);
  await writeFile(`${file}.svg`, `${plotResult(result)}\n`);
  terminal.print(printResult(result));
  if (before) terminal.print(printComparison(before, result));
  terminal.log(`Written: ${file}.json and ${file}.svg.`);
  terminal.printJson({ ok: true, command: 'bench', result });
}
