import { resolve } from 'node:path';
import { findScheme, placesOverlap } from '@totesys/lake';
import { parseDatabaseUrl } from '@totesys/runtime';
import { UsageError } from '../process/usage-error.ts';

/** The options that name places, unchecked. */
export interface PlaceOptions {
  readonly source?: string;
  readonly warehouse?: string;
  readonly lake?: string;
  readonly ingestion?: string;
  readonly processed?: string;
  readonly iceberg?: string;
}

/** The places of a command: connection URLs of databases, and URIs of lakes and of the Iceberg tables. */
export interface Places {
  readonly source: string;
  readonly warehouse: string;
  readonly ingestion: string;
  readonly processed: string;
  readonly iceberg: string;
}

/** The name of a place. */
export type PlaceName = keyof Places;

/** For each place its environment variable and the function that checks it. */
const PLACES = {
  source: { variable: 'SOURCE_URL', find: findDatabase },
  warehouse: { variable: 'WAREHOUSE_URL', find: findDatabase },
  ingestion: { variable: 'INGESTION_URI', find: findStore },
  processed: { variable: 'PROCESSED_URI', find: findStore },
  iceberg: { variable: 'ICEBERG_URI', find: findStore },
} as const;

/** Returns the places that are given. An option overrides `--lake`, and both override the environment. */
export function findPlaces(options: PlaceOptions, environment: NodeJS.ProcessEnv): Partial<Places> {
  const places: { -readonly [P in keyof Places]?: string } = {};
  for (const [name, { variable, find }] of Object.entries(PLACES)) {
    const place = name as PlaceName;
    const lake = (given: string | undefined) =>
      place in LAKE_FOLDERS && given ? joinLake(findStore(given, 'lake'), place) : undefined;
    const found = options[place] || lake(options.lake) || environment[variable] || lake(environment.LAKE) || '';
    if (found !== '') places[place] = find(found, place);
  }
  const { ingestion, processed, iceberg } = places;
  checkApart(ingestion, processed, 'The lakes overlap');
  for (const lake of [ingestion, processed]) checkApart(lake, iceberg, 'A lake and the Iceberg tables overlap');
  return places;
}

function checkApart(one: string | undefined, other: string | undefined, fault: string): void {
  if (one === undefined || other === undefined || !placesOverlap(one, other)) return;
  throw new UsageError(`${fault}: expected two places, neither inside the other, got ${one} and ${other}.`);
}

/** Returns the places with these names, or throws an error that lists all missing ones. */
export function requirePlaces<P extends PlaceName>(places: Partial<Places>, names: readonly P[]): Pick<Places, P> {
  const missing = names.filter((name) => places[name] === undefined);
  if (missing.length > 0) {
    const options = missing.map((name) => `--${name} (or ${PLACES[name].variable})`).join(', ');
    const lake = missing.some((name) => name in LAKE_FOLDERS) ? ' --lake FOLDER names both lakes at once.' : '';
    throw new UsageError(`Some places are missing: expected ${options}.${lake}`);
  }
  return places as Pick<Places, P>;
}

const LAKE_FOLDERS = { ingestion: true, processed: true, iceberg: true };

function joinLake(lake: string, folder: string): string {
  return `${lake.replace(/\/+$/, '')}/${folder}`;
}

// An unusable URL fails before the first effect, with a message that does not repeat it.
function findDatabase(text: string, name: string): string {
  parseDatabaseUrl(text, name);
  return text;
}

function findStore(text: string, name: string): string {
  const scheme = findScheme(text);
  if (scheme === undefined) return resolve(text);
  // `s3://$BUCKET` with an empty variable names no bucket.
  if (/^s3:\/\/[^/]/.test(text) && URL.canParse(text)) return text;
  if (text.startsWith('file:///') && URL.canParse(text)) return text;
  throw new UsageError(
    `--${name} is not a lake: expected s3://bucket or a folder, got a text that begins with '${scheme}'. ` +
      "For a folder whose name has a colon, write './' before it.",
  );
}
