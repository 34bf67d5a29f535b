// Checks the import rules of .dependency-cruiser.mjs, and that process.env is read at the edge alone.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import config from '../.dependency-cruiser.mjs';

/**
 * The files that may read process.env: a Lambda's entry, the command, what starts the databases of tests, and what
 * explains the AWS SDK's own reading of it.
 */
const MAY_READ_ENVIRONMENT = new RegExp(
  `^packages/(${[
    String.raw`(ingest|transform|load|reconcile|publish)/src/index\.ts`,
    '(cli|chaos|bench|demo|sandbox)/src/',
    String.raw`runtime/src/aws/aws-failure\.ts`,
  ].join('|')})`,
);

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const { output } = await cruise(['packages'], {
  ...config.options,
  ruleSet: { forbidden: config.forbidden },
  validate: true,
});
// Without a reporter the output is an object.
const { modules, summary } = output as ICruiseResult;
const own = modules.filter(({ source }) => /^packages\/[^/]+\/(src|test)\/.*\.tsx?$/.test(source));
const files = await listSources();
const faults = summary.violations.map(
  ({ rule, from, to }) =>
    `${from} → ${to}: ${config.forbidden.find(({ name }) => name === rule.name)?.comment} (${rule.name})`,
);

// A cruise that reads no file finds no fault, so it must have seen every file.
const unseen = files.filter((file) => !own.some(({ source }) => source === file));
if (files.length === 0) faults.push('No modules were found below packages/: the lint has nothing to look at.');
if (unseen.length > 0) faults.push(`${unseen.length} modules were not seen, ${unseen[0]} among them.`);
if (files.length > 0 && !own.some(({ dependencies }) => dependencies.length > 0)) {
  faults.push('No import was seen in any module: the parser does not read TypeScript.');
}
for (const file of files.filter((name) => name.includes('/src/') && !MAY_READ_ENVIRONMENT.test(name))) {
  if (/\bprocess\.env\b/.test(await readFile(file, 'utf8'))) {
    faults.push(
      `${file}: process.env is read by the index.ts of a stage and by the commands alone (environment-at-the-edge)`,
    );
  }
}

if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`Import rules hold in ${own.length} modules.\n`);
}

async function listSources(): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir('packages')) {
    for (const part of ['src', 'test']) {
      const entries = await readdir(join('packages', name, part), { recursive: true, withFileTypes: true }).catch(
        () => [],
      );
      for (const entry of entries) {
        if (entry.isFile() && /\.tsx?$/.test(entry.name)) {
          found.push(relative('.', join(entry.parentPath ?? entry.path, entry.name)));
        }
      }
    }
  }
  return found.sort();
}
