import { ErrorCode, PipelineError } from '@totesys/runtime';

/** Returns the error for a table or view of the warehouse that does not match the model. */
export function warehouseUnfit(relation: string, fault: string, expected: string, got: string): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table or view 'public.${relation}' of the warehouse does not match the model: ${fault}; ` +
      `expected ${expected}, got ${got}. ` +
      'Alter or drop it, or load into an empty database: the lake holds all batches.',
    { context: { table: relation } },
  );
}

/** Returns the error for a table that rejects rows which the model allows. */
export function warehouseRefuses(relation: string, fault: string, remedy: string, cause: PipelineError): PipelineError {
  return new PipelineError(
    ErrorCode.WAREHOUSE_UNFIT,
    `Table 'public.${relation}' of the warehouse rejects rows of the model: ${fault}. ` +
      `Nothing of the batch was loaded. ${remedy}; the next run loads it.`,
    { context: { ...cause.context, table: relation }, cause },
  );
}
