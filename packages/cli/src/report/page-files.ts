import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { PageFiles } from '@totesys/report';
import { type ParsedQuestion, parseQuestions } from './parse-questions.ts';

/** Reads the bundled script and style of the page, which the build writes beside the command. */
export async function readPageFiles(): Promise<PageFiles> {
  const [script, style] = await Promise.all(['report-page.js', 'report-page.css'].map(readBuilt));
  return { script: script!, style: style! };
}

/** Reads the questions of docs/questions.md, which the build copies beside the command. */
export async function readQuestions(): Promise<ParsedQuestion[]> {
  return parseQuestions(await readBuilt('questions.md'));
}

// The bundle has the files beside it; from source they are in the built folder of the package.
function readBuilt(name: string): Promise<string> {
  const beside = fileURLToPath(new URL(name, import.meta.url));
  return readFile(existsSync(beside) ? beside : new URL(`../../dist/${name}`, import.meta.url), 'utf8');
}
