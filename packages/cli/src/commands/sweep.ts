import { parseAge } from '../parse/parse-age.ts';
import type { Command } from '../process/command-context.ts';
import { checkLakes } from '../sweep/check-manifests.ts';
import { type Sweeping, sweepUri } from '../sweep/sweep-place.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { progressLine } from '../terminal/progress-line.ts';

/** Of the leftovers, how many a person is shown. */
const MOST_SHOWN = 20;

/** `totesys sweep`: what no manifest names and is older than a day; it stays until `--yes` says otherwise. */
export const sweep: Command = async (context) => {
  const { places, options, terminal, interrupted } = context;
  const removes = options.yes === true;
  const olderThanMs = parseAge(String(options.olderThan));
  await checkLakes(context.ingestion(), context.processed());
  const swept = [];
  for (const lake of ['ingestion', 'processed'] as const) {
    const say = progressLine(terminal);
    const sweeping: Sweeping = {
      olderThanMs,
      isDatedByRun: lake === 'ingestion',
      removes,
      interrupted,
      progress: (what, count) => say(() => `sweep      ${lake}: ${count.toLocaleString('en')} ${what}`),
    };
    swept.push({ lake, ...(await sweepUri(String(places[lake]), sweeping)) });
  }

  terminal.say(
    drawTable(
      ['lake', 'manifests', 'objects', 'leftovers', 'bytes', 'removed'],
      swept.map(({ lake, manifests, objects, leftovers, bytes, removed }) => {
        return [lake, manifests, objects, leftovers, bytes, removed];
      }),
    ),
  );
  const keys = swept.flatMap(({ lake, keys: found }) => found.map((key) => `${lake}: ${key}`));
  for (const key of keys.slice(0, MOST_SHOWN)) terminal.say(key);
  const count = swept.reduce((sum, { leftovers }) => sum + leftovers, 0);
  if (count > MOST_SHOWN) terminal.say(`… and ${count - MOST_SHOWN} more.`);
  if (count > 0 && !removes) terminal.say('Nothing was removed. To remove them: totesys sweep --yes');
  return { ok: true, command: 'sweep', dryRun: !removes, olderThan: options.olderThan, leftovers: count, lakes: swept };
};
