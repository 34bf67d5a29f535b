import { countOf } from '../format/count-of.ts';
import { describeKeys } from '../format/describe-keys.ts';
import type { Command } from '../process/command-context.ts';
import { groupQuarantined } from '../quarantine/group-quarantined.ts';
import { quarantineOf } from '../quarantine/quarantine-of.ts';
import { drawTable } from '../terminal/draw-table.ts';

/** Ranges of keys that a person is shown of a group, and that JSON has. */
const MOST_SHOWN = 5;
const MOST_NAMED = 1_000;

/** `totesys quarantine list`: what is in quarantine now, by table, column and reason. No value is shown: they may be personal. */
export const quarantineList: Command = async (context) => {
  const { terminal } = context;
  const { lakes, batch, open, discarded } = await quarantineOf(context);
  const groups = await groupQuarantined(lakes, open);
  const rows = open.count;
  if (groups.length > 0) {
    terminal.say(
      drawTable(
        ['table', 'column', 'reason', 'rows', 'since batch', 'read at', 'keys'],
        groups.map(({ table, column, reason, keys, batches, since }) => {
          return [
            table,
            column,
            reason,
            keys.count,
            batches.first,
            since.slice(0, 16).replace('T', ' '),
            describeKeys(keys, MOST_SHOWN),
          ];
        }),
      ),
    );
  }
  const unwanted =
    discarded.count > 0 ? `, and ${discarded.count.toLocaleString('en')} more that a person has discarded` : '';
  terminal.say(`In quarantine as of batch ${batch}: ${countOf(rows, 'row')}${unwanted}.`);
  if (rows > 0) {
    terminal.say(
      'The next ingest after they are mended in the source brings them. Otherwise: totesys quarantine show | replay | discard.',
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
      keys: [...keys.ranges()].slice(0, MOST_NAMED),
    })),
  };
};
