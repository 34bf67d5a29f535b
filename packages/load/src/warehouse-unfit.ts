import { ErrorCode, PipelineError } from '@totesys/runtime';

/** What is said of a relation in the warehouse that is not what the model says. */
export function warehouseUnfit(relation: string, fault: string, expected: string, got: string): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table or view 'public.${relation}' of the warehouse does not fit the model: ${fault}; expected ${expected}, got ${got}. Alter or drop it, or load into an empty database (the lake has all of it).`,
    { context: { table: relation } },
  );
}
