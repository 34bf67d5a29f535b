import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The stages that are built. */
export type BuiltStage = 'ingest' | 'transform' | 'load' | 'reconcile';

/** Builds the zips of the stages into a new folder below the build folder, which the caller removes. */
export async function buildZips(): Promise<{ folder: string; zips: Record<BuiltStage, string> }> {
  await mkdir(join(root, 'build'), { recursive: true });
  const folder = await mkdtemp(join(root, 'build/zips-'));
  // In a process of its own: esbuild does not run inside jest's realm.
  const script = `
    import { bundleStages } from ${JSON.stringify(join(root, 'scripts/bundle.ts'))};
    await bundleStages(${JSON.stringify(folder)});`;
  const built = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  if (built.status !== 0) throw new Error(built.stderr);
  const zip = (stage: string) => join(folder, `${stage}.zip`);
  return {
    folder,
    zips: { ingest: zip('ingest'), transform: zip('transform'), load: zip('load'), reconcile: zip('reconcile') },
  };
}
