// Writes the generated sections of the pages in docs/ again, from the code.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { fillSections, renderSections } = await bundled(`export * from './scripts/docs/sections.ts';`);

const errors = await readFile(`${root}packages/runtime/src/errors.ts`, 'utf8');
for (const [page, sections] of Object.entries(renderSections(errors))) {
  await writeFile(root + page, fillSections(await readFile(root + page, 'utf8'), sections));
}

// Node 20 does not read TypeScript: a bundle in memory does.
async function bundled(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}
