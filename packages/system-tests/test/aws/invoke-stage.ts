import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { manifestKey } from '@totesys/lake';

/** Invokes a function and waits for its answer; what it throws is thrown here. */
export async function invokeStage(name: string, event: unknown = {}): Promise<Record<string, unknown>> {
  const command = new InvokeCommand({ FunctionName: name, Payload: Buffer.from(JSON.stringify(event)) });
  const { FunctionError, Payload } = await new LambdaClient({}).send(command);
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || 'null');
  if (FunctionError) throw new Error(`${answer?.errorType}: ${answer?.errorMessage}`);
  return answer;
}

/** The notification of a manifest; `id` is that of the request that put it. */
export function manifestEvent(bucket: string, batch: number, id: string): unknown {
  const object = { key: encodeURIComponent(manifestKey(batch)) };
  const responseElements = { 'x-amz-request-id': id };
  return { Records: [{ eventSource: 'aws:s3', responseElements, s3: { bucket: { name: bucket }, object } }] };
}
