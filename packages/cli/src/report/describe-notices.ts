import type { QuarantineCount } from '@totesys/lake';
import type { Notice, Proof } from '@totesys/report';
import { countOf } from '../format/count-of.ts';
import type { Plan } from '../plan/plan.ts';
import type { Status } from '../status/read-status.ts';
import { describePlan } from './describe-plan.ts';

/** What the notices are made from. */
export interface NoticeFacts {
  readonly status: Status;
  /** Tables with too many rows in quarantine in the batch that load takes next. */
  readonly beyondThreshold: readonly QuarantineCount[];
  readonly newestProof: Proof | undefined;
  /** What the next run of each stage would do; undefined without a source or a warehouse. */
  readonly plan: Plan | undefined;
}

/** Returns what waits and what has failed, the faults first, each with the command that helps. */
export function describeNotices({ status, beyondThreshold, newestProof, plan }: NoticeFacts): Notice[] {
  const { waiting, warehouse, quarantined, requests, tables } = status;
  const faults = [
    ...describeProof(newestProof),
    ...beyondThreshold.map((fault) => ({
      level: 'fault' as const,
      text:
        `Batch ${fault.batch} does not load: ${fault.quarantined.toLocaleString('en')} of ` +
        `${countOf(fault.rows, 'row')} of '${fault.table}' are in quarantine, above the threshold. Correct them ` +
        'in the source, or load the batch without them.',
      command: `totesys batch accept ${fault.batch}`,
    })),
  ];
  const planned = plan ? describePlan(plan, beyondThreshold.length > 0) : [];
  return [
    ...faults,
    ...planned.filter(({ level }) => level === 'fault'),
    ...planned.filter(({ level }) => level === 'warning'),
    ...warn(quarantined > 0, `${countOf(quarantined, 'row')} in quarantine.`, 'totesys quarantine list'),
    ...warn(
      (warehouse?.held ?? 0) > 0,
      `${countOf(warehouse?.held ?? 0, 'row')} of facts wait in etl.held for their dimension rows.`,
      null,
    ),
    ...inform(waiting.transform.batches > 0, describeWaiting('transform', waiting.transform), 'totesys transform'),
    ...inform(
      warehouse !== null && waiting.load.batches > 0 && beyondThreshold.length === 0,
      describeWaiting('load', waiting.load),
      'totesys load',
    ),
    ...inform(requests > 0, `${countOf(requests, 'request')} for the next ingest.`, 'totesys ingest'),
    ...tables.flatMap(({ table, coverage }) =>
      inform(coverage !== 'full', `'${table}' is not read completely: ${coverage}.`, 'totesys ingest'),
    ),
    ...tables.flatMap(({ table, unread }) => {
      const changes = (unread?.changed ?? 0) + (unread?.deleted ?? 0);
      return inform(changes > 0, `${countOf(changes, 'change')} of '${table}' that no batch has yet.`, 'totesys run');
    }),
    ...planned.filter(({ level }) => level === 'info'),
  ];
}

function describeProof(proof: Proof | undefined): Notice[] {
  if (proof === undefined || proof.ok) return [];
  const tables = proof.tables.length > 0 ? ` of ${proof.tables.join(', ')}` : '';
  const text =
    `The last proof, of ${proof.at.slice(0, 16).replace('T', ' ')} UTC, found ` +
    `${countOf(proof.differing, 'row')}${tables} that differ, and ${countOf(proof.faults, 'fault')} of ` +
    'history and lakes.';
  return [{ level: 'fault', text, command: 'totesys reconcile' }];
}

function describeWaiting(stage: string, { batches, rows, isLeast }: Status['waiting']['load']): string {
  return (
    `${batches.toLocaleString('en')} ${batches === 1 ? 'batch' : 'batches'} with ${isLeast ? 'at least ' : ''}` +
    `${countOf(rows, 'row')} wait for ${stage}.`
  );
}

const warn = (holds: boolean, text: string, command: string | null): Notice[] =>
  holds ? [{ level: 'warning', text, command }] : [];

const inform = (holds: boolean, text: string, command: string | null): Notice[] =>
  holds ? [{ level: 'info', text, command }] : [];
