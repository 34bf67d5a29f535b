import type { TableState } from '@totesys/lake';
import { type Connection, ErrorCode, PipelineError, query } from '@totesys/runtime';
import type { Model, SourceTable } from '@totesys/schema';
import { describePartitions, type PartitionRow } from '../sql/describe-partitions.ts';

type Partitions = Pick<TableState['layout'], 'partitions' | 'partitionColumns'>;
type PartitionColumn = NonNullable<Partitions['partitionColumns']>[number]['columns'][number];

/** The partitions of tables by table name, and a fault for each table with a partition that a run cannot read. */
interface ReadPartitions {
  readonly tables: ReadonlyMap<string, Partitions>;
  readonly faults: readonly PipelineError[];
}

/**
 * Reads the partitions and inheritance children of the model's tables; tables without any are left out. A partition
 * that is detached, altered and attached again has other values with the same xmins, so each has its columns in the
 * layout.
 */
export async function readPartitions(
  connection: Connection,
  model: Pick<Model, 'source'>,
  oids: ReadonlyMap<string, string>,
): Promise<ReadPartitions> {
  const found = await query<PartitionRow>(connection, { text: describePartitions, parameters: [[...oids.values()]] });
  const tables = new Map<string, Partitions>();
  const faults: PipelineError[] = [];
  for (const table of model.source) {
    const below = found.filter(({ root }) => root === oids.get(table.name));
    const foreign = below.find(({ relkind }) => relkind === 'f');
    if (foreign) faults.push(foreignPartition(table.name, foreign.name));
    else if (below.length > 0) tables.set(table.name, describe(table, below));
  }
  return { tables, faults };
}

function describe(table: SourceTable, rows: readonly PartitionRow[]): Partitions {
  const groups = new Map<string, { partitions: string[]; columns: PartitionColumn[] }>();
  for (const row of rows) {
    const all = JSON.parse(row.columns) as Record<string, Omit<PartitionColumn, 'name'>>;
    const columns = Object.keys(table.columns).flatMap((name) => (all[name] ? [{ name, ...all[name] }] : []));
    const key = JSON.stringify(columns);
    const group = groups.get(key) ?? { partitions: [], columns };
    group.partitions.push(row.oid);
    groups.set(key, group);
  }
  return { partitions: rows.map(({ oid }) => oid), partitionColumns: [...groups.values()] };
}

function foreignPartition(table: string, partition: string): PipelineError {
  const fault = `Partition '${partition}' of table 'public.${table}' is a foreign table`;
  const expected = 'expected an ordinary table, whose rows show their transaction';
  const remedy = 'Detach it, or keep its rows in an ordinary table; nothing is lost meanwhile.';
  return new PipelineError(ErrorCode.SOURCE_TABLE_MISSING, `${fault}: ${expected}. ${remedy}`, {
    context: { table, partition },
  });
}
