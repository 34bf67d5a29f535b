import { ErrorCode, PipelineError } from '@totesys/runtime';

/** What is said where a table does not take a row that the model says it must. */
export function warehouseRefuses(relation: string, fault: string, remedy: string, cause: PipelineError): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table 'public.${relation}' of the warehouse does not take what the model says: ${fault}. Nothing of the batch was loaded; ${remedy}: the next run goes on.`,
    { context: { ...cause.context, table: relation }, cause },
  );
}

/** What is said of a relation in the warehouse that is not what the model says. */
export function warehouseUnfit(relation: string, fault: string, expected: string, got: string): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table or view 'public.${relation}' of the warehouse does not fit the model: ${fault}; expected ${expected}, got ${got}. Alter or drop it, or load into an empty database (the lake has all of it).`,
    { context: { table: relation } },
  );
}
