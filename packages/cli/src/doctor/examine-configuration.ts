import type { PlaceName, Places } from '../places/places.ts';
import { type Check, passed, warned } from './check.ts';

// The Iceberg tables are optional.
const VARIABLES: Readonly<Record<Exclude<PlaceName, 'iceberg'>, string>> = {
  source: 'SOURCE_URL',
  warehouse: 'WAREHOUSE_URL',
  ingestion: 'INGESTION_URI or LAKE',
  processed: 'PROCESSED_URI or LAKE',
};

/** Checks which places are named; the command itself refuses values that cannot be parsed. */
export function examineConfiguration(places: Partial<Places>): readonly Check[] {
  return Object.entries(VARIABLES).map(([name, variable]) =>
    places[name as PlaceName] === undefined
      ? warned('configuration', name, 'it is not named, so it is not checked', `Set ${variable}, or pass --${name}.`)
      : passed('configuration', name, 'it is named'),
  );
}
