import { findNewestBatch, readPart, readProcessedManifest, type Store } from '@totesys/lake';
import { query, type Sql } from '@totesys/runtime';
import { type Fact, factsOf, quoteIdentifier, totesysModel, warehouseRelation } from '@totesys/schema';
import type * as arrow from 'apache-arrow';

/**
 * Compares the number of versions of each fact in the warehouse and in the lake: with too few, a version was lost; with
 * too many, one arrived twice.
 * The ledger must name each batch by its manifests.
 */
export async function checkHistory(processed: Store, warehouse: Sql): Promise<string[]> {
  const faults: string[] = [];
  const newest = await findNewestBatch(processed);
  const ledger = await warehouse`select batch, manifest_sha256, processed_sha256 from etl.ledger order by batch`;
  if (ledger.length !== newest) faults.push(`the ledger has ${ledger.length} batches, the lake ${newest}`);
  for (const { batch, manifest_sha256, processed_sha256 } of ledger) {
    const { manifest, sha256 } = await readProcessedManifest(processed, batch);
    const isSame = sha256 === processed_sha256 && manifest.ingestion.sha256 === manifest_sha256;
    if (!isSame) faults.push(`the ledger's batch ${batch} differs from the lake's`);
  }
  for (const fact of factsOf(totesysModel)) {
    const expected = await countVersions(processed, fact, newest);
    const key = quoteIdentifier(fact.key);
    const text = `select ${key} as id, count(*)::int as versions from ${warehouseRelation(fact.name)} group by ${key}`;
    const rows = await query<{ id: number; versions: number }>(warehouse, { text });
    const actual = new Map(rows.map(({ id, versions }) => [id, versions]));
    for (const id of new Set([...expected.keys(), ...actual.keys()])) {
      const [want, have] = [expected.get(id) ?? 0, actual.get(id) ?? 0];
      if (want !== have) faults.push(`${fact.name} ${id} has ${have} versions, expected ${want}`);
    }
  }
  return faults;
}

async function countVersions(processed: Store, fact: Fact, newest: number): Promise<Map<number, number>> {
  const latest = new Map<number, string>();
  const counts = new Map<number, number>();
  for (let batch = 1; batch <= newest; batch++) {
    const { manifest } = await readProcessedManifest(processed, batch);
    for (const part of manifest.parts.filter(({ table, role }) => table === fact.name && role === 'rows')) {
      for await (const rows of readPart(processed, part)) {
        for (const { id, content } of contentsOf(rows, fact.key)) {
          if (latest.get(id) === content) continue;
          latest.set(id, content);
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
      }
    }
  }
  return counts;
}

function* contentsOf(rows: arrow.RecordBatch, key: string): Generator<{ id: number; content: string }> {
  const names = rows.schema.fields.map(({ name }) => name);
  for (let row = 0; row < rows.numRows; row++) {
    const values = names.map((name) => String(rows.getChild(name)?.get(row)));
    yield { id: Number(values[names.indexOf(key)]), content: JSON.stringify(values) };
  }
}
