import { type Connection, query } from '@totesys/runtime';
import { type Fact, warehouseRelation } from '@totesys/schema';
import { warehouseUnfit } from '../errors/warehouse-unfit.ts';
import * as sequences from '../sql/sequence.ts';
import type { Migration } from './migration.ts';

/** Checks that record ids rise by one in load order: from one serial, without a cache and without a cycle. */
export async function checkSequence({ connection, isPlan }: Migration, fact: Fact): Promise<void> {
  const parameters = [warehouseRelation(fact.name), fact.recordId];
  const unfit = (fault: string, expected: string, got: string | undefined) =>
    warehouseUnfit(fact.name, `column '${fact.recordId}' ${fault}`, expected, got ?? 'none');

  const options = { text: sequences.selectSequence, parameters };
  const [sequence] = await query<sequences.SequenceRow>(connection, options);
  if (!sequence) throw unfit('has no sequence of its own', 'a serial', 'none');

  const definition = { text: sequences.selectRecordIdColumn, parameters };
  const [column] = await query<sequences.RecordIdColumn>(connection, definition);
  if (column?.type !== 'integer') throw unfit('has another type', 'integer', column?.type);
  if (!column.numbered) throw unfit('has no default', 'a serial', 'none');

  const got = `increment ${sequence.increment}, cache ${sequence.cache}${sequence.cycle ? ', cycle' : ''}`;
  if (got !== 'increment 1, cache 1') {
    throw unfit('has a sequence that does not rise one by one', 'increment 1, cache 1', got);
  }
  // Only `nextval` shows the next number of a restarted sequence, and a plan may not call it.
  if (!isPlan) await checkNextRecordId(connection, fact, 0);
}

/**
 * Checks that the next record id is above every one in the fact and above `known`, the last one that the ledger has.
 * After a copy of the table, or a `setval`, a new version could otherwise get a record id below an older one.
 */
export async function checkNextRecordId(connection: Connection, fact: Fact, known: number): Promise<void> {
  const parameters = [warehouseRelation(fact.name), fact.recordId, known];
  const statement = { text: sequences.selectNextRecordId(fact), parameters };
  const [next] = await query<sequences.NextRecordId>(connection, statement);
  if (next?.behind !== true) return;
  const fault = `column '${fact.recordId}' has ids that its sequence has yet to assign (setval corrects it)`;
  throw warehouseUnfit(fact.name, fault, `a sequence at ${next.highest} or beyond`, 'a lower one');
}
