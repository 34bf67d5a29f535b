import { KeySet } from '@totesys/lake';
import { type Connection, query } from '@totesys/runtime';
import { type Fact, factsOf, type Model } from '@totesys/schema';
import { findBeyondLedger } from '@totesys/warehouse';
import {
  type FaultRow,
  type NextIdRow,
  type SequenceRow,
  selectBrokenDeletions,
  selectEqualVersions,
  selectNewestBatch,
  selectNextId,
  selectSequence,
} from '../sql/history.ts';

/** A fault in the history of a fact; `id` is null if the fault concerns the whole table. */
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
 * record id is the highest, and the ledger knows every record id. `within` limits the first two to some ids of each
 * fact. The caller's transaction has one snapshot.
 */
export async function checkHistory(
  warehouse: Connection,
  model: Model,
  within?: ReadonlyMap<string, KeySet>,
): Promise<HistoryResult> {
  const [head] = await query<{ batch: number }>(warehouse, selectNewestBatch);
  const named: HistoryFault[] = [];
  let count = 0;
  for (const fact of factsOf(model)) {
    const ids = within && (within.get(fact.name) ?? KeySet.empty);
    for (const statement of [selectEqualVersions(fact, ids), selectBrokenDeletions(fact, head?.batch ?? 0, ids)]) {
      const rows = await query<FaultRow>(warehouse, statement);
      count += Number(rows[0]?.total ?? 0);
      named.push(...rows.map(({ id, fault }) => ({ table: fact.name, id: Number(id), fault })));
    }
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
