import { KeySet } from '@totesys/lake';
import { type Connection, hasRelation, query, type Statement } from '@totesys/runtime';
import { type Fact, factsOf, latestTablesOf, type Model } from '@totesys/schema';
import { findBeyondLedger } from '@totesys/warehouse';
import {
  type FaultRow,
  type NextIdRow,
  type SequenceRow,
  selectBrokenDeletions,
  selectBrokenStates,
  selectEqualVersions,
  selectNewestBatch,
  selectNextId,
  selectSequence,
} from '../sql/history.ts';

/** A fault in the history of a fact or a dimension; `id` is null if the fault concerns the whole table. */
export interface HistoryFault {
  readonly table: string;
  readonly id: number | null;
  readonly fault: string;
}

/** What a check of the history found: the number of faults, and the first of them by name. */
export interface HistoryResult {
  readonly count: number;
  readonly named: readonly HistoryFault[];
}

/**
 * Checks the history of all facts: no version equals the one before it, deletions and returns alternate, the next
 * record id is the highest, and the ledger knows every record id. Of the dimensions it checks that no replaced state
 * equals the next one. `within` limits the versions, deletions and states to some ids of each table. The caller's
 * transaction has one snapshot.
 */
export async function checkHistory(
  warehouse: Connection,
  model: Model,
  within?: ReadonlyMap<string, KeySet>,
): Promise<HistoryResult> {
  const [head] = await query<{ batch: number }>(warehouse, selectNewestBatch);
  const newest = head?.batch ?? 0;
  const named: HistoryFault[] = [];
  let count = 0;
  const idsOf = ({ name }: { readonly name: string }) => within && (within.get(name) ?? KeySet.empty);
  const check = async ({ name: table }: { readonly name: string }, statement: Statement) => {
    const rows = await query<FaultRow>(warehouse, statement);
    count += Number(rows[0]?.total ?? 0);
    named.push(...rows.map(({ id, fault }) => ({ table, id: Number(id), fault })));
  };
  // A warehouse from before the history of the dimensions has none of its tables.
  const hasStates = await hasRelation(warehouse, 'etl.first_batch');
  for (const table of hasStates ? latestTablesOf(model) : []) {
    await check(table, selectBrokenStates(table, newest, idsOf(table)));
  }
  for (const fact of factsOf(model)) {
    await check(fact, selectEqualVersions(fact, idsOf(fact)));
    await check(fact, selectBrokenDeletions(fact, newest, idsOf(fact)));
    const fault = await findSequenceFault(warehouse, fact);
    if (fault !== undefined) {
      count++;
      named.push({ table: fact.name, id: null, fault });
    }
  }
  const beyond = await findBeyondLedger(warehouse, model);
  count += beyond.length;
  for (const { fact, batch, highest, known } of beyond) {
    const ledger =
      batch === 0 ? `the ledger has no batch and knows them up to ${known}` : `batch ${batch} ends with ${known}`;
    const fault = `has record ids up to ${highest}, and ${ledger}: no batch brought the others`;
    named.push({ table: fact, id: null, fault });
  }
  return { count, named };
}

async function findSequenceFault(warehouse: Connection, fact: Fact): Promise<string | undefined> {
  const [sequence] = await query<SequenceRow>(warehouse, selectSequence(fact));
  if (!sequence?.name) return `has no sequence for '${fact.recordId}'`;
  const [row] = await query<NextIdRow>(warehouse, selectNextId(fact, sequence.name));
  const { highest, next } = row!;
  if (BigInt(next) > BigInt(highest)) return undefined;
  const sequenceFault = `its sequence continues with ${next}: the next version would not be the latest`;
  return `has record ids up to ${highest}, and ${sequenceFault}`;
}
