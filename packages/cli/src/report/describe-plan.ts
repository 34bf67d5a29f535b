import type { Notice } from '@totesys/report';
import type { PipelineError } from '@totesys/runtime';
import { countOf } from '../format/count-of.ts';
import type { Plan } from '../plan/plan.ts';

/** Returns what the next run of a stage would stop for, and what it would change beside rows. */
export function describePlan({ stops, ingest, load }: Plan, hasBeyondThreshold: boolean): Notice[] {
  // The lakes are looked at for each stage, so that a fault of theirs stops more than one.
  const reasons = new Map<string, Notice>();
  const add = (stage: string, faults: readonly PipelineError[]) => {
    for (const { message } of faults) {
      if (reasons.has(message)) continue;
      reasons.set(message, { level: 'fault', text: `${stage} stops: ${message}`, command: 'totesys plan' });
    }
  };
  add('Each stage', stops);
  add('Ingest', ingest.stops);
  add('Load', load.stops);
  // The notice about the threshold names the table and the command.
  if (load.blocked && !hasBeyondThreshold) add('Load', [load.blocked.reason]);
  return [
    ...reasons.values(),
    ...ingest.unanswerable.map((text): Notice => ({ level: 'warning', text, command: null })),
    ...ingest.unknown.map((text): Notice => ({ level: 'warning', text, command: 'totesys plan' })),
    ...ingest.readAgain.map((text): Notice => ({ level: 'info', text, command: 'totesys ingest' })),
    ...describeMigration(load.migration.length),
  ];
}

function describeMigration(statements: number): Notice[] {
  if (statements === 0) return [];
  const text = `The next load changes the tables of the warehouse first: ${countOf(statements, 'statement')}.`;
  return [{ level: 'info', text, command: 'totesys plan' }];
}
