import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((page) => existsSync(join(root, page)));

test.each(pages)('every link of %s leads to an existing file and heading', (page) => {
  expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
});

test('every decision has the headings of a decision', () => {
  const decisions = pages.filter((page) => page.startsWith('docs/decisions/'));
  expect(decisions.length).toBeGreaterThan(20);
  for (const page of decisions) {
    const missing = ['Status: ', '## Context', '## Decision', '## Consequences', '## Alternatives'].filter(
      (each) => !readFileSync(join(root, page), 'utf8').includes(`\n${each}`),
    );
    expect({ page, missing }).toEqual({ page, missing: [] });
  }
});

test('decisions are numbered from 1 without a gap, and no two have the same number', () => {
  const decisions = pages.filter((page) => page.startsWith('docs/decisions/'));
  const numbers = decisions.map((page) => Number(page.slice('docs/decisions/'.length, 'docs/decisions/0000'.length)));
  expect(numbers.sort((a, b) => a - b)).toEqual(decisions.map((_page, index) => index + 1));
});

// Without code blocks, whose brackets are no links.
function linksOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/^```.*?^```$/gms, '');
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!).filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(root, join(root, dirname(page), path));
  // GitHub's own pages of the repository: badges and runs of a workflow.
  if (target.startsWith('../../actions/workflows/')) return existsSync(join(root, '.github', workflowOf(target)));
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

const workflowOf = (target: string) => target.replace('../../actions/', '').replace('/badge.svg', '');

// GitHub's anchor of a heading: lower case, without punctuation, spaces as dashes.
function anchorsOf(page: string): string[] {
  const headings = readFileSync(join(root, page), 'utf8').matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
