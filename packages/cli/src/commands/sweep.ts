import { parseAge } from '../parse/parse-age.ts';
import type { Command, CommandDefinition } from '../process/command.ts';
import { checkLakes } from '../sweep/check-manifests.ts';
import { type Sweeping, type Swept, sweepUri } from '../sweep/sweep-place.ts';
import { drawTable } from '../terminal/draw-table.ts';
import { progressLine } from '../terminal/progress-line.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Leftovers that are printed one by one; `--json` has more. */
const MOST_PRINTED = 20;

const sweep: Command = async (context) => {
  const { places, options, terminal, interrupted } = context;
  const removes = options.yes === true;
  const olderThanMs = parseAge(String(options.olderThan));
  await checkLakes(context.ingestion(), context.processed());
  const swept: SweptLake[] = [];
  for (const lake of ['ingestion', 'processed'] as const) {
    const logProgress = progressLine(terminal);
    const sweeping: Sweeping = {
      olderThanMs,
      isDatedByRun: lake === 'ingestion',
      removes,
      interrupted,
      progress: (what, count) => logProgress(() => `sweep      ${lake}: ${count.toLocaleString('en')} ${what}`),
    };
    swept.push({ lake, ...(await sweepUri(String(places[lake]), sweeping)) });
  }
  const leftovers = swept.reduce((sum, lake) => sum + lake.leftovers, 0);
  printSwept(terminal, swept, leftovers);
  if (leftovers > 0 && !removes) terminal.print('Nothing was removed. To remove the leftovers: totesys sweep --yes');
  return { ok: true, command: 'sweep', dryRun: !removes, olderThan: options.olderThan, leftovers, lakes: swept };
};

/** `totesys sweep`: finds the objects that no manifest names, and removes them with `--yes`. */
export const sweepCommand: CommandDefinition = {
  usage: 'sweep',
  summary: 'find leftovers in both lakes: objects of killed runs that no manifest names',
  needs: ['ingestion', 'processed'],
  options: [
    { flags: '--yes', text: 'remove the leftovers; without this option nothing is removed' },
    { flags: '--older-than <age>', text: 'only leftovers older than this, at least a day', byDefault: '24h' },
  ],
  run: sweep,
};

interface SweptLake extends Swept {
  readonly lake: 'ingestion' | 'processed';
}

function printSwept(terminal: Terminal, swept: readonly SweptLake[], leftovers: number): void {
  terminal.print(
    drawTable(
      ['lake', 'manifests', 'objects', 'leftovers', 'bytes', 'removed'],
      swept.map(({ lake, manifests, objects, leftovers, bytes, removed }) => {
        return [lake, manifests, objects, leftovers, bytes, removed];
      }),
    ),
  );
  const keys = swept.flatMap(({ lake, keys: found }) => found.map((key) => `${lake}: ${key}`));
  for (const key of keys.slice(0, MOST_PRINTED)) terminal.print(key);
  if (leftovers > MOST_PRINTED) terminal.print(`… and ${leftovers - MOST_PRINTED} more.`);
}
