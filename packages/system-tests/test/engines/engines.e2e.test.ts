import { join } from 'node:path';
import { namedParts, readIngestionManifest, readProcessedManifest } from '@totesys/lake';
import { createLakeWithHistory, type LakeWithHistory } from './lake-with-history.ts';
import { type Engine, engines, installEngines, runPython } from './python-engines.ts';

interface Read {
  readonly names: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly places: Readonly<Record<string, number>>;
}

const pythons = await installEngines(engines);
/** Starting an engine and reading forty small folders: the slowest is Spark. */
const LIMIT_MS = 300_000;

let lake: LakeWithHistory;

beforeAll(async () => {
  if (pythons) lake = await createLakeWithHistory();
}, LIMIT_MS);

afterAll(() => lake?.pipeline.close());

// How many rows lie in each batch's folder, as the manifests say.
async function placesOf(path: string): Promise<Record<string, number>> {
  const { ingestion, processed } = lake.pipeline;
  const [place, ...folder] = path.split('/');
  const places: Record<string, number> = {};
  for (const batch of [1, 2]) {
    const { manifest } =
      place === 'ingestion'
        ? await readIngestionManifest(ingestion, batch)
        : await readProcessedManifest(processed, batch);
    const parts = namedParts(manifest).filter(({ key }) => key.startsWith(`${folder.join('/')}/`));
    const rows = parts.reduce((sum, part) => sum + part.rows, 0);
    if (rows > 0) places[`${manifest.sourceClock.slice(0, 10)} ${batch}`] = rows;
  }
  return places;
}

const attempt = pythons ? test.each(engines) : test.skip.each(engines);

const reads = new Map<string, Promise<Record<string, Read>>>();

// Each engine starts once: it takes more time than all that it reads.
function read({ title, name, packages }: Engine): Promise<Record<string, Read>> {
  const input = lake.folders.map(({ path, columns }) => ({ folder: at(path), columns }));
  const found = reads.get(title) ?? runPython(pythons!.get(packages)!, 'read_lake.py', { argument: name, input });
  reads.set(title, found);
  return found;
}

const at = (path: string) => join(lake.pipeline.lake, path);

attempt(
  '$title shows every column of both lakes as the databases have it',
  async (engine) => {
    const found = await read(engine);
    expect(lake.folders).toHaveLength(11 + 11 + 4);
    for (const { path, columns, rows } of lake.folders) {
      const shown = found[at(path)]!;
      const names = [...columns.map((column) => column.name), 'batch', 'batch_date'].sort();
      expect({ path, names: shown.names }).toEqual({ path, names });
      expect({ path, rows: new Set(shown.rows.map((row) => JSON.stringify(row))) }).toEqual({ path, rows });
      expect({ path, places: shown.places }).toEqual({ path, places: await placesOf(path) });
    }
  },
  LIMIT_MS,
);

attempt(
  '$title shows every year of the calendar, which folders by year would hide',
  async (engine) => {
    const { columns } = lake.folders.find(({ path }) => path === 'processed/dim_date')!;
    const year = columns.findIndex(({ name }) => name === 'year');
    const years = (await read(engine))[at('processed/dim_date')]!.rows.map((row) => row[year]);
    expect([...new Set(years)]).toEqual(expect.arrayContaining(['1969', '2022', '2023', '2024', '2031']));
  },
  LIMIT_MS,
);
