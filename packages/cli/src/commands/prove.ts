import {
  PROOF_LIMITS,
  PROOF_REQUESTS,
  PROOF_SLICES,
  type ProofOptions,
  type ProofResult,
  prove,
} from '@totesys/reconcile';
import { parseCount } from '../parse/parse-count.ts';
import type { CommandDefinition } from '../process/command.ts';
import type { CommandContext } from '../process/command-context.ts';
import { describeProof, sayProof } from '../reconcile/say-proof.ts';
import { EVERY_OPTION } from '../repeat/repeated-command.ts';
import { CODE_VERSION } from '../stages/code-version.ts';

/** `totesys prove`: proves what has changed since the last proof, and a slice of everything else. */
export const proveCommand: CommandDefinition = {
  usage: 'prove',
  summary: 'prove what has changed since the last proof, and a slice of everything else',
  needs: ['source', 'warehouse', 'ingestion', 'processed'],
  options: [
    EVERY_OPTION,
    { flags: '--slices <count>', text: 'compare every row once in this many proofs', byDefault: String(PROOF_SLICES) },
    {
      flags: '--requests <count>',
      text: 'how many objects of older batches a proof reads',
      byDefault: String(PROOF_REQUESTS),
    },
  ],
  notes: 'It writes the result to _proofs/ of the processed lake; the next proof continues there.',
  run: async (context) => {
    const result = await runProof(context, parseOptions(context));
    context.terminal.clearBars();
    for (const line of sayProof(result)) context.terminal.print(line);
    return { command: 'prove', ...result };
  },
  prepareRuns: async (context) => {
    const options = parseOptions(context);
    return async () => {
      const result = await runProof(context, options);
      return {
        hasChanged: true,
        hasMore: false,
        summary: describeProof(result),
        result: { command: 'prove', ...result },
        faults: [],
      };
    };
  },
};

function parseOptions({ options: { slices, requests } }: CommandContext): ProofOptions {
  return {
    slices: parseCount('--slices', slices, PROOF_LIMITS.slices),
    requests: parseCount('--requests', requests, PROOF_LIMITS.requests),
  };
}

async function runProof(context: CommandContext, options: ProofOptions): Promise<ProofResult> {
  const { model, terminal, interrupted } = context;
  const [source, warehouse] = [await context.source(), await context.warehouse()];
  const [ingestion, processed] = [context.ingestion(), context.processed()];
  const telemetry = terminal.telemetryOf('reconcile');
  const codeVersion = CODE_VERSION;
  return await prove({ model, source, warehouse, ingestion, processed, telemetry, codeVersion, interrupted }, options);
}
