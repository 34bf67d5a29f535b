import { readFileSync } from 'node:fs';
import { markdownTable } from '../../packages/bench/src/report/markdown.ts';
import type { BenchResult } from '../../packages/bench/src/report/result.ts';

/** The measure that has the time of the stages: three stages in one process, with the start of the process. */
const TICK = 'run, 200 changes';
/** The longest that a change may take with the schedules' defaults, for 99 of 100 changes: seconds. */
const AIM_SECONDS = 120;
const VARIABLES = new URL('../../terraform/variables.tf', import.meta.url);

/** Returns the freshness of a deployment, from Terraform's default schedules and the measured time of the stages. */
export function renderDeployedFreshness(stages: BenchResult): string {
  const ingestSeconds = readMinutes('ingest') * 60;
  const wait = ingestSeconds * 0.99;
  const tick = stages.measures.find(({ group, name }) => group === 'ticks' && name === TICK)?.seconds?.median ?? 0;
  const seconds = (value: number) => value.toFixed(1);
  const [tickMinutes, rule] = [ingestSeconds / 60, `0.99 × ${ingestSeconds} s`];
  const late = (readMinutes('sweep') + readMinutes('load')) * 60;
  return [
    markdownTable(
      ['part', 'seconds', 'from'],
      [
        [
          'wait until ingest starts, 99 of 100 changes',
          seconds(wait),
          `\`minutes.ingest\` = ${tickMinutes}: ${rule}, because commits come at any time between two ticks`,
        ],
        [`ingest, transform and load of 200 changes`, seconds(tick), `\`${TICK}\` above, in one process`],
        ['**sum**', `**${seconds(wait + tick)}**`, ''],
        [
          'remains for the start of three functions and for a slower CPU',
          seconds(AIM_SECONDS - wait - tick),
          `the aim is ${AIM_SECONDS} s`,
        ],
      ],
    ),
    `If S3's notification of a batch is lost, the changes of the batch arrive up to ${late} s later: the sweep runs ` +
      `every ${readMinutes('sweep')} minutes, and load every ${readMinutes('load')}. Otherwise \`minutes.load\` ` +
      'does not change the freshness.',
  ].join('\n\n');
}

// The defaults in the object type of the variable `minutes`.
function readMinutes(schedule: string): number {
  const [, block = ''] = /^variable "minutes" \{(.*?)^\}/ms.exec(readFileSync(VARIABLES, 'utf8')) ?? [];
  const [, minutes] = new RegExp(`^ +${schedule} += optional\\(number, (\\d+)\\)`, 'm').exec(block) ?? [];
  if (minutes === undefined)
    throw new Error(`terraform/variables.tf has no default of minutes.${schedule}: expected optional(number, …).`);
  return Number(minutes);
}
