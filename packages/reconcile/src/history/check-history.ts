import type { Connection } from '@totesys/runtime';
import { comparedColumns, type Fact, factsOf, type Model, quoteIdentifier, warehouseRelation } from '@totesys/schema';
import { findBeyondLedger } from '@totesys/warehouse';

/** One way in which the history of facts is not what loading leaves. */
export interface HistoryFault {
  readonly table: string;
  readonly id: number | null;
  readonly fault: string;
}

/** Faults of one sort that are named one by one. */
const MOST_NAMED = 100;

/** Checks the history: no version equals the one before it, record ids go on rising, each is in the ledger, and deletions follow each other. */
export async function checkHistory(
  warehouse: Connection,
  model: Model,
): Promise<{ count: number; named: HistoryFault[] }> {
  const [head] = await warehouse.unsafe('select coalesce(max(batch), 0) as batch from etl.ledger');
  const named: HistoryFault[] = [];
  let count = 0;
  for (const fact of factsOf(model)) {
    for (const check of [findTwins, findBrokenDeletions]) {
      const { text, parameters } = check(fact, head?.batch ?? 0);
      const rows = await warehouse.unsafe(
        `select *, count(*) over () as total from (${text}) f where fault is not null order by id limit ${MOST_NAMED}`,
        [...parameters] as never[],
      );
      count += Number(rows[0]?.total ?? 0);
      for (const { id, fault } of rows) named.push({ table: fact.name, id: Number(id), fault });
    }
    const behind = await findSequenceBehind(warehouse, fact);
    if (behind) {
      count++;
      named.push({ table: fact.name, id: null, fault: behind });
    }
  }
  for (const { fact, batch, highest, known } of await findBeyondLedger(warehouse, model)) {
    count++;
    const end =
      batch === 0 ? `the ledger has no batch and knows them up to ${known}` : `batch ${batch} ends with ${known}`;
    named.push({
      table: fact,
      id: null,
      fault: `has record ids up to ${highest}, and ${end}: no batch brought the others`,
    });
  }
  return { count, named };
}

// Most ids have one version: those are not even sorted. Records compare null with null as equal.
function findTwins(fact: Fact) {
  const key = quoteIdentifier(fact.key);
  const record = quoteIdentifier(fact.recordId);
  const columns = comparedColumns(fact, 'f');
  const relation = warehouseRelation(fact.name);
  return {
    text: `select id, 'version ' || record || ' equals the one before it, ' || record_before as fault
      from (select f.${key} as id, f.${record} as record, lag(f.${record}) over versions as record_before,
                   row(${columns}) as version, lag(row(${columns})) over versions as version_before
              from ${relation} f
             where f.${key} in (select ${key} from ${relation} group by 1 having count(*) > 1)
            window versions as (partition by f.${key} order by f.${record})) v
     where record_before is not null and version = version_before`,
    parameters: [],
  };
}

function findBrokenDeletions(fact: Fact, newest: number) {
  return {
    text: `select id, case
        when restored_batch <= deleted_batch then 'is restored in batch ' || restored_batch || ', which is not behind its deletion in ' || deleted_batch
        when greatest(deleted_batch, restored_batch) > $2::integer then 'is deleted or restored in a batch that the ledger does not have'
        when before_batch is not null and restored_before is null then 'is deleted in batch ' || deleted_batch || ', and was already in ' || before_batch
        when restored_before > deleted_batch then 'is deleted in batch ' || deleted_batch || ', before it was restored in ' || restored_before
        when not exists (select from ${warehouseRelation(fact.name)} f where f.${quoteIdentifier(fact.key)} = d.id) then 'is deleted and never was there'
        end as fault
      from (select id, deleted_batch, restored_batch, lag(deleted_batch) over deletions as before_batch,
                   lag(restored_batch) over deletions as restored_before
              from etl.deletion where fact = $1::text
            window deletions as (partition by id order by deleted_batch)) d`,
    parameters: [fact.name, newest],
  };
}

// A sequence that was set anew has not given its number yet.
async function findSequenceBehind(warehouse: Connection, fact: Fact): Promise<string | undefined> {
  const relation = warehouseRelation(fact.name);
  const [sequence] = await warehouse.unsafe('select pg_get_serial_sequence($1::text, $2::text) as name', [
    relation,
    fact.recordId,
  ]);
  if (!sequence?.name) return `has no sequence for '${fact.recordId}'`;
  const [row] = await warehouse.unsafe(
    `select h.highest::text as highest, (case when s.is_called then s.last_value + 1 else s.last_value end)::text as next
       from ${sequence.name} s, (select coalesce(max(${quoteIdentifier(fact.recordId)}), 0) as highest from ${relation}) h`,
  );
  if (BigInt(row?.next) > BigInt(row?.highest)) return undefined;
  return `has record ids up to ${row?.highest}, and its sequence goes on with ${row?.next}: the next version would not be the latest`;
}
