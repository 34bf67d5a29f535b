import type { PipelineError } from '@totesys/runtime';
import { expectedRows } from './describe-ingest.ts';
import type { Plan } from './plan.ts';

/** Returns the JSON of a plan. */
export function planJson({ stops, ingest, transform, load }: Plan): Record<string, unknown> {
  return {
    stops: stops.map(stopJson),
    ingest: {
      ...ingest,
      stops: ingest.stops.map(stopJson),
      yields: ingest.yields ?? null,
      tables: ingest.tables.map((planned) => ({
        table: planned.table,
        known: planned.known,
        coverage: planned.coverage,
        changed: planned.changed ?? null,
        deleted: planned.deleted ?? null,
        uncovered: planned.uncovered ?? null,
        expected: expectedRows(planned) ?? null,
      })),
    },
    transform: { newestBatch: transform.newestBatch, ...transform.waiting },
    load: {
      ...load,
      stops: load.stops.map(stopJson),
      yields: load.yields ?? null,
      blocked: load.blocked ? { batch: load.blocked.batch, ...stopJson(load.blocked.reason) } : null,
      missing: load.missing ?? null,
    },
  };
}

function stopJson({ code, message }: PipelineError): { readonly code: string; readonly message: string } {
  return { code, message };
}
