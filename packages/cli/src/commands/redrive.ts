import type { Command } from '../command-context.ts';
import { openLetters } from '../redrive/aws-letters.ts';
import { findDeployment } from '../redrive/find-deployment.ts';
import { type Redriven, redriveLetters } from '../redrive/redrive-letters.ts';

/** `totesys redrive`: invokes transform again with each event that ended as a dead letter. */
export const redrive: Command = async ({ terminal, options, interrupted }) => {
  const deployment = await findDeployment(options, process.env);
  const told = ({ id, outcome, reason }: Redriven) =>
    terminal.say(`redrive    letter ${id}: ${outcome}${reason === undefined ? '' : ` (${reason})`}`);
  const letters = await redriveLetters(await openLetters(deployment), told, interrupted);
  const count = (outcome: Redriven['outcome']) => letters.filter((letter) => letter.outcome === outcome).length;
  const [redriven, failed, unreadable] = [count('redriven'), count('failed'), count('unreadable')];
  if (letters.length === 0) terminal.say('redrive    no dead letter waits');
  return { ok: failed + unreadable === 0, command: 'redrive', redriven, failed, unreadable, letters };
};
