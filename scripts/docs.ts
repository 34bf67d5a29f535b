// Writes the generated sections of the pages in docs/, and dbt's sources, from the code.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { totesysModel } from '@totesys/schema';
import { DBT_SOURCES, renderDbtSources } from './docs/dbt-sources.ts';
import { ENGINE_SCRIPTS } from './docs/engine-scripts.ts';
import { fillSections, renderSections } from './docs/sections.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const errors = await readFile(`${root}packages/runtime/src/errors.ts`, 'utf8');
for (const [page, sections] of Object.entries(renderSections(errors))) {
  await writeFile(root + page, fillSections(await readFile(root + page, 'utf8'), sections));
}
await writeFile(root + DBT_SOURCES, renderDbtSources(totesysModel));
for (const { path, text } of ENGINE_SCRIPTS) await writeFile(root + path, text);
