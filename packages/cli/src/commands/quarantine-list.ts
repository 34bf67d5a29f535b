import { countOf } from '../format/count-of.ts';
import { describeKeys } from '../format/describe-keys.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import { groupQuarantined, type QuarantineGroup } from '../quarantine/group-quarantined.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';
import { drawTable } from '../terminal/draw-table.ts';

/** The most ranges of keys of each group in the table and in the JSON. */
const MOST_PRINTED = 5;
const MOST_IN_JSON = 1_000;

const quarantineList: Command = async (context) => {
  const { terminal } = context;
  const { lakes, batch, open, discarded } = await quarantineOf(context);
  const groups = await groupQuarantined(lakes, open);
  const rows = open.count;
  if (groups.length > 0) terminal.print(drawGroups(groups));
  const more = discarded.count > 0 ? `; ${discarded.count.toLocaleString('en')} more are discarded` : '';
  terminal.print(`In quarantine as of batch ${batch}: ${countOf(rows, 'row')}${more}.`);
  if (rows > 0) {
    terminal.print(
      'Correct them in the source, and the next ingest brings them. See also: totesys quarantine show, replay, discard',
    );
  }
  return {
    ok: true,
    command: 'quarantine list',
    batch,
    rows,
    discarded: discarded.count,
    groups: groups.map(({ keys, ...group }) => ({
      ...group,
      rows: keys.count,
      keys: [...keys.ranges()].slice(0, MOST_IN_JSON),
    })),
  };
};

/**
 * `totesys quarantine list`: quarantined rows by table, column and reason. Values may be personal, so none is shown.
 */
export const quarantineListCommand: CommandDefinition = {
  usage: 'quarantine list',
  summary: 'list the quarantined rows by table, column and reason, without values',
  needs: ['ingestion', 'processed'],
  run: quarantineList,
};

function drawGroups(groups: readonly QuarantineGroup[]): string {
  return drawTable(
    ['table', 'column', 'reason', 'rows', 'since batch', 'read at', 'keys'],
    groups.map(({ table, column, reason, keys, batches, since }) => [
      table,
      column,
      reason,
      keys.count,
      batches.first,
      since.slice(0, 16).replace('T', ' '),
      describeKeys(keys, MOST_PRINTED),
    ]),
  );
}
