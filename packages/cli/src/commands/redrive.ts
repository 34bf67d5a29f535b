import type { Command } from '../process/command-context.ts';
import { openLetters } from '../redrive/aws-letters.ts';
import { findDeployment } from '../redrive/find-deployment.ts';
import { type Redriven, redriveLetters } from '../redrive/redrive-letters.ts';
import { summarizeLetters } from '../redrive/summarize-letters.ts';

/** `totesys redrive`: invokes transform again with each event that ended as a dead letter. */
export const redrive: Command = async ({ terminal, options, interrupted }) => {
  const deployment = await findDeployment(options, process.env);
  const told = ({ id, outcome, reason }: Redriven) =>
    terminal.say(`redrive    letter ${id}: ${outcome}${reason === undefined ? '' : ` (${reason})`}`);
  const letters = await redriveLetters(await openLetters(deployment), told, interrupted);
  if (letters.length === 0) terminal.say('redrive    no dead letter waits');
  const summary = summarizeLetters(letters);
  if ('error' in summary) terminal.complain(`totesys: ${summary.error.message}`);
  return { command: 'redrive', ...summary };
};
