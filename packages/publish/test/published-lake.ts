import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Catalogue,
  findCurrentSnapshot,
  folderCatalogue,
  parseMetadata,
  readManifest,
  readManifestList,
  type TableMetadata,
} from '@totesys/iceberg';
import { decodeParquet, memoryStore, type Store } from '@totesys/lake';
import { type DerivedPlace, openDerived } from '@totesys/lake/derived';
import { silentTelemetry } from '@totesys/runtime';
import { type PublishedTable, publishedTables, totesysModel } from '@totesys/schema';
import { exactText } from '../../columns/src/exact-text.ts';
import { findKeyOf } from '../../iceberg/src/place.ts';
import { type BatchSpec, writeBatch } from '../../load/test/processed-batch.ts';
import { type PublishDeps, type PublishResult, publish } from '../src/publish.ts';

/** A processed lake in memory, and a folder of Iceberg tables. */
export interface PublishedLake {
  readonly processed: Store;
  readonly folder: string;
  readonly place: DerivedPlace;
  readonly catalogue: Catalogue;
  readonly deps: PublishDeps;
  write(batch: number, spec: BatchSpec): Promise<void>;
  run(options?: Partial<PublishDeps>): Promise<PublishResult>;
  metadataOf(table: string): Promise<TableMetadata>;
  /** The data files of a table, by the current snapshot. */
  filesOf(table: string): Promise<string[]>;
  /** The rows of a table as exact text, in the order of their files. */
  rowsOf(table: string): Promise<Record<string, string | null>[]>;
}

/** Creates an empty lake, and an empty folder for its tables. */
export async function createPublishedLake(): Promise<PublishedLake> {
  const processed = memoryStore('memory://processed');
  const folder = await mkdtemp(join(tmpdir(), 'publish-'));
  const place = openDerived(folder);
  const catalogue = folderCatalogue(place);
  const deps = { model: totesysModel, processed, place, catalogue, telemetry: silentTelemetry };
  const lake: PublishedLake = {
    ...{ processed, folder, place, catalogue, deps },
    write: (batch, spec) => writeBatch(processed, batch, spec),
    run: (options) => publish({ ...deps, ...options }),
    async metadataOf(table) {
      const { metadata, metadataUri } = (await catalogue.find(table))!;
      return parseMetadata(metadata!, metadataUri!);
    },
    async filesOf(table) {
      const snapshot = findCurrentSnapshot(await lake.metadataOf(table))!;
      const files: string[] = [];
      for (const manifest of await readManifestList(place, snapshot['manifest-list'])) {
        for (const { data_file } of await readManifest(place, manifest))
          files.push(findKeyOf(place, data_file.file_path)!);
      }
      return files;
    },
    async rowsOf(name) {
      const table = tableOf(name);
      const rows: Record<string, string | null>[] = [];
      for (const key of await lake.filesOf(name)) {
        for (const batch of decodeParquet(await place.store.get(key))) {
          for (let row = 0; row < batch.numRows; row++) {
            const values = table.columns.map((column) => [
              column.name,
              exactText(column.type, batch.getChild(column.name)!.data[0]!, row),
            ]);
            rows.push(Object.fromEntries(values));
          }
        }
      }
      return rows;
    },
  };
  return lake;
}

/** Returns the published table of that name. */
export function tableOf(name: string): PublishedTable {
  return publishedTables(totesysModel).find((table) => table.name === name)!;
}
