import type { Notice } from '@totesys/report';
import { ErrorCode, PipelineError } from '@totesys/runtime';
import type { CommandContext } from '../process/command-context.ts';

/** Returns a context without the databases that cannot be reached, and a notice for each of them. */
export async function leaveOutUnreachable(
  context: CommandContext,
  asksSource: boolean,
): Promise<{ readonly reachable: CommandContext; readonly unreachable: Notice[] }> {
  const places = { ...context.places };
  const unreachable: Notice[] = [];
  for (const name of asksSource ? (['source', 'warehouse'] as const) : (['warehouse'] as const)) {
    if (places[name] === undefined) continue;
    try {
      await context[name]();
    } catch (error) {
      // Any other fault, for example a wrong URL, has to be corrected before the command is of use.
      if (!(error instanceof PipelineError && error.code === ErrorCode.CONNECTION_FAILED)) throw error;
      delete places[name];
      unreachable.push({ level: 'fault', text: error.message, command: 'totesys doctor' });
    }
  }
  return { reachable: { ...context, places }, unreachable };
}
