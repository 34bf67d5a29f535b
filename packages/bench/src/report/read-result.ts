import { readFile } from 'node:fs/promises';
import { UsageError } from '@totesys/cli';
import { z } from 'zod';
import { type BenchResult, parseResult } from './result.ts';

/** Returns the result in a file, or throws a usage error that names the file and its fault. */
export async function readResult(file: string): Promise<BenchResult> {
  try {
    return parseResult(await readFile(file, 'utf8'));
  } catch (error) {
    const fault = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new UsageError(`${file} is not a result of the bench: ${fault}. Name a JSON file that make bench wrote.`);
  }
}
