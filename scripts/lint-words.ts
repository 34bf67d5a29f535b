// Checks the words of everything that people read against docs/glossary.md, and the length of code lines.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Words that have a plainer one. */
const REPLACED: Readonly<Record<string, string>> = {
  somebody: 'the operator, another session, anyone',
  someone: 'the operator, another session, anyone',
  whoever: 'the session that, the operator who',
  'a person': 'the operator',
  anew: 'again',
  mend: 'fix',
  mends: 'fixes',
  mended: 'fixed',
  tells: 'reports',
  told: 'reported',
  stands: 'is',
  gives: 'Returns',
  befalls: 'happens to',
};
/** Files that are not ours, or that quote other words on purpose. */
const EXEMPT = /^(pnpm-lock\.yaml|patches\/|CHANGELOG\.md|scripts\/lint-words\.ts|docs\/glossary\.md)/;
/** Where lines are limited: not in tests, whose titles and SQL are one line each. */
const CODE = /^(packages\/[^/]+\/src|scripts|terraform)\/.*\.(ts|mjs|tf)$/;
const MOST_COLUMNS = 120;
const UNBREAKABLE = /^\s*[a-z_]+\s*=>?\s*"|^\s*can\(regex\(|^\s*#checkov:|\\u\{?[0-9a-f]{4}.*\\u/;

const root = fileURLToPath(new URL('..', import.meta.url));
const words = new RegExp(`\\b(${Object.keys(REPLACED).join('|')})\\b`, 'gi');
const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);
const faults = files.filter((file) => !EXEMPT.test(file) && existsSync(root + file)).flatMap(check);
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`Plain words and lines of at most ${MOST_COLUMNS} columns in ${files.length} files.\n`);
}

function check(file: string): string[] {
  const text = readFileSync(`${root}${file}`, 'utf8');
  return text.split('\n').flatMap((line, index) => {
    const where = `${file}:${index + 1}`;
    const replaced = [...line.matchAll(words)].map(
      ([word]) => `${where}: '${word}': write ${REPLACED[word.toLowerCase()]}`,
    );
    // HCL has no way to break a string, and a regular expression none to break a class.
    const isLong = CODE.test(file) && [...line].length > MOST_COLUMNS && !UNBREAKABLE.test(line);
    return isLong ? [...replaced, `${where}: ${[...line].length} columns: expected at most ${MOST_COLUMNS}`] : replaced;
  });
}
