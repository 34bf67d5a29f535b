import { totesysModel } from '@totesys/schema';
import { renderBenchmarks } from './benchmarks.ts';
import { renderComparison } from './comparison.ts';
import { renderDataDictionary } from './data-dictionary.ts';
import { renderErrorCodes } from './error-codes.ts';
import { renderTypeTable } from './type-table.ts';

/** The Markdown of each generated section of a page, by the section's name. */
export type Sections = Readonly<Record<string, string>>;

/**
 * Returns the generated sections of each page in docs/, from the model, the type cases, the measured benchmarks and the
 * text of `errors.ts`.
 */
export function renderSections(errorsSource: string): Readonly<Record<string, Sections>> {
  return {
    'docs/benchmarks.md': renderBenchmarks(),
    'docs/comparison.md': renderComparison(),
    'docs/data-dictionary.md': renderDataDictionary(totesysModel),
    'docs/runbook.md': { 'error-codes': renderErrorCodes(errorsSource) },
    'docs/types.md': { types: renderTypeTable() },
  };
}

/**
 * Returns the page with the text of each section replaced. A section is between `<!-- NAME: generated … -->` and
 * `<!-- end of NAME -->`; all other text of the page is written by hand.
 */
export function fillSections(page: string, sections: Sections): string {
  const marked = [...page.matchAll(/^<!-- ([a-z-]+): generated [^\n]*-->$/gm)].map(([, name]) => name!);
  const missing = marked.filter((name) => sections[name] === undefined);
  if (missing.length > 0)
    throw new Error(`No generator writes the section '${missing[0]}'. Add one, or delete its marks.`);
  return Object.entries(sections).reduce(fillSection, page);
}

function fillSection(page: string, [name, markdown]: readonly [string, string]): string {
  const section = new RegExp(`^(<!-- ${name}: generated [^\\n]*-->\\n).*?^(<!-- end of ${name} -->)$`, 'ms');
  if (!section.test(page))
    throw new Error(`The page has no section '${name}'. Add its two marks, or delete its generator.`);
  return page.replace(section, (_, begin, end) => `${begin}\n${markdown.trim()}\n\n${end}`);
}
