import { KeySet, type OpenKeys } from '@totesys/lake';
import { parseKeys } from '../parse/parse-keys.ts';
import { requireSourceTable } from '../parse/require-source-table.ts';
import type { CommandContext } from '../process/command-context.ts';

/** Returns the quarantined rows that the operator chooses: of one table or of all, all rows or those in `--keys`. */
export function chosenKeys(
  { model, options }: CommandContext,
  open: OpenKeys,
  name: string | undefined,
): { table: string; keys: KeySet }[] {
  const tables = name === undefined ? open.tables : [requireSourceTable(model, name).name];
  const wanted = options.keys === undefined ? undefined : KeySet.of(parseKeys(String(options.keys)));
  return tables
    .map((table) => {
      const keys = open.keysOf(table);
      return { table, keys: wanted ? keys.minus(keys.minus(wanted)) : keys };
    })
    .filter(({ keys }) => keys.count > 0);
}
