import type { DerivedPlace } from '@totesys/lake/derived';
import { formatMetadata, type TableMetadata } from '../metadata/table-metadata.ts';
import { uriOf } from '../place.ts';
import type { Catalogue, TableVersion } from './catalogue.ts';

/**
 * Returns the catalogue that engines call a Hadoop catalogue: `v<N>.metadata.json` is version N of a table. Who creates
 * the object of a version has committed it. `version-hint.text` names the newest version, or an older one if its
 * writer was killed: readers look for the versions after it.
 */
export function folderCatalogue(place: DerivedPlace): Catalogue {
  return {
    uri: place.uri,
    async find(table) {
      const { newest } = await findNewest(place, table);
      return newest === 0 ? undefined : await readVersion(place, table, newest);
    },
    async commit(table, base, metadata) {
      const next = Number(base?.version ?? 0) + 1;
      return await commitVersion(place, table, next, metadata);
    },
    // Engines that do not look further than the hint would not see the newest version.
    async repair(table) {
      const { newest, hinted } = await findNewest(place, table);
      if (newest > 0 && newest !== hinted) await place.replace(hintKey(table), Buffer.from(String(newest)));
    },
  };
}

const metadataKey = (table: string, version: number) => `${table}/metadata/v${version}.metadata.json`;
const hintKey = (table: string) => `${table}/metadata/version-hint.text`;

async function readVersion(place: DerivedPlace, table: string, version: number): Promise<TableVersion> {
  const key = metadataKey(table, version);
  return { version: String(version), metadataUri: uriOf(place, key), metadata: await place.store.find(key) };
}

async function commitVersion(
  place: DerivedPlace,
  table: string,
  version: number,
  metadata: TableMetadata,
): Promise<boolean> {
  const outcome = await place.store.putIfAbsent(metadataKey(table, version), formatMetadata(metadata));
  if (outcome === 'conflict') return false;
  await place.replace(hintKey(table), Buffer.from(String(version)));
  return true;
}

// The newest version is 0 if the table has none.
async function findNewest(place: DerivedPlace, table: string) {
  const hint = await place.store.find(hintKey(table));
  const hinted = Number(Buffer.from(hint ?? '').toString('utf8'));
  const known = Number.isSafeInteger(hinted) && hinted > 0 ? hinted : await listNewest(place, table);
  let newest = known;
  while (await exists(place, metadataKey(table, newest + 1))) newest++;
  return { newest, hinted };
}

async function listNewest(place: DerivedPlace, table: string): Promise<number> {
  let newest = 0;
  for await (const { key } of place.store.list(`${table}/metadata/v`)) {
    const version = /\/v(\d+)\.metadata\.json$/.exec(key)?.[1];
    newest = Math.max(newest, Number(version ?? 0));
  }
  return newest;
}

async function exists({ store }: DerivedPlace, key: string): Promise<boolean> {
  return store.probe ? await store.probe(key) : (await store.find(key)) !== undefined;
}
