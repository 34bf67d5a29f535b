import { resolve } from 'node:path';
import { findScheme, placesOverlap } from '@totesys/lake';
import { parseDatabaseUrl } from '@totesys/runtime';
import { UsageError } from '../process/usage-error.ts';

/** What the command line and the environment say of places, as they say it. */
export interface PlaceOptions {
  readonly source?: string;
  readonly warehouse?: string;
  readonly lake?: string;
  readonly ingestion?: string;
  readonly processed?: string;
}

/** The places that a command works with: connection URLs and store URIs. */
export interface Places {
  readonly source: string;
  readonly warehouse: string;
  readonly ingestion: string;
  readonly processed: string;
}

/** A place's name, the environment variable that may give it, and what it must look like. */
const PLACES = {
  source: { variable: 'SOURCE_URL', find: findDatabase },
  warehouse: { variable: 'WAREHOUSE_URL', find: findDatabase },
  ingestion: { variable: 'INGESTION_URI', find: findStore },
  processed: { variable: 'PROCESSED_URI', find: findStore },
} as const;

/** Finds the places that are given: an option before `--lake`, that before the environment. A wrong one is a `UsageError`. */
export function findPlaces(options: PlaceOptions, environment: NodeJS.ProcessEnv): Partial<Places> {
  const places: { -readonly [P in keyof Places]?: string } = {};
  for (const [name, { variable, find }] of Object.entries(PLACES)) {
    const place = name as keyof Places;
    const lake = (given: string | undefined) =>
      place in LAKE_FOLDERS && given ? joinLake(findStore(given, 'lake'), place) : undefined;
    const found = options[place] || lake(options.lake) || environment[variable] || lake(environment.LAKE) || '';
    if (found !== '') places[place] = find(found, place);
  }
  const { ingestion, processed } = places;
  if (ingestion !== undefined && processed !== undefined && placesOverlap(ingestion, processed)) {
    throw new UsageError(
      `Both lakes are in one place, or one is in the other: expected a place for each, got ${ingestion} and ${processed}.`,
    );
  }
  return places;
}

/** The places of those names; one that is missing is a `UsageError` that names every one. */
export function requirePlaces<P extends keyof Places>(places: Partial<Places>, names: readonly P[]): Pick<Places, P> {
  const missing = names.filter((name) => places[name] === undefined);
  if (missing.length > 0) {
    const options = missing.map((name) => `--${name} (or ${PLACES[name].variable})`).join(', ');
    const lake = missing.some((name) => name in LAKE_FOLDERS) ? ' --lake DIR stands for both folders of a lake.' : '';
    throw new UsageError(`Not everything is given: expected ${options}.${lake}`);
  }
  return places as Pick<Places, P>;
}

const LAKE_FOLDERS = { ingestion: true, processed: true };

function joinLake(lake: string, folder: string): string {
  return `${lake.replace(/\/+$/, '')}/${folder}`;
}

// A URL that cannot be used is said before anything is touched, in words that do not repeat it.
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
  const remedy = "For a folder whose name has a colon, write './' before it.";
  throw new UsageError(
    `--${name} is no place for objects: expected s3://bucket or a folder, got a text that begins with '${scheme}'. ${remedy}`,
  );
}
