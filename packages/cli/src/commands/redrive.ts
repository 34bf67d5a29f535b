import type { Command, CommandDefinition } from '../process/command.ts';
import { openLetters } from '../redrive/aws-letters.ts';
import { findDeployment } from '../redrive/find-deployment.ts';
import { type Redriven, redriveLetters } from '../redrive/redrive-letters.ts';
import { summarizeLetters } from '../redrive/summarize-letters.ts';

const redrive: Command = async ({ terminal, options, interrupted }) => {
  const deployment = await findDeployment(options, process.env);
  const print = ({ id, outcome, reason }: Redriven) =>
    terminal.print(`redrive    letter ${id}: ${outcome}${reason === undefined ? '' : ` (${reason})`}`);
  const letters = await redriveLetters(await openLetters(deployment), print, interrupted);
  if (letters.length === 0) terminal.print('redrive    no dead letter waits');
  const summary = summarizeLetters(letters);
  if ('error' in summary) terminal.log(`totesys: ${summary.error.message}`);
  return { command: 'redrive', ...summary };
};

/** `totesys redrive`: invokes transform again with each event in its dead-letter queue. */
export const redriveCommand: CommandDefinition = {
  usage: 'redrive',
  summary: 'invoke transform again with each event in its dead-letter queue',
  needs: [],
  options: [
    { flags: '--queue <url>', text: 'the dead-letter queue (or DEAD_LETTERS_URL)' },
    { flags: '--function <name>', text: 'the function of transform (or TRANSFORM_FUNCTION)' },
    {
      flags: '--terraform <folder>',
      text: 'the Terraform folder whose outputs name the queue and the function if they are not given',
    },
  ],
  run: redrive,
};
