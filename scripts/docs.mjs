// Writes the generated pages of docs/ anew from the code.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { renderDataDictionary, renderRunbook, renderTypes, totesysModel } = await bundled(`
  export * from './scripts/docs/data-dictionary.ts';
  export * from './scripts/docs/runbook.ts';
  export * from './scripts/docs/types.ts';
  export { totesysModel } from './packages/schema/src/index.ts';
`);

const errors = await readFile(`${root}packages/runtime/src/errors.ts`, 'utf8');
await writeFile(`${root}docs/data-dictionary.md`, renderDataDictionary(totesysModel));
await writeFile(`${root}docs/types.md`, renderTypes());
await writeFile(`${root}docs/runbook.md`, renderRunbook(errors));

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
