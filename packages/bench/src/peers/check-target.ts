import { connect } from '@totesys/runtime';
import { compareTables, type Findings } from './compare-tables.ts';
import type { Job } from './peer.ts';

/** Compares the tables in a schema of the job's target with the source. */
export async function checkTarget({ sourceUrl, targetUrl, tables }: Job, schema = 'public'): Promise<Findings> {
  const open = (url: string, subject: 'source' | 'warehouse') =>
    connect(url, { subject, connections: 1, applicationName: 'totesys-bench' });
  const source = await open(sourceUrl, 'source');
  try {
    const target = await open(targetUrl, 'warehouse');
    try {
      return await compareTables(source, target, schema, tables);
    } finally {
      await target.end();
    }
  } finally {
    await source.end();
  }
}
