import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { allowSlowAddresses, describeAwsFailure, ErrorCode, PipelineError } from '@totesys/runtime';
import type { Deployment } from './find-deployment.ts';

/** A message of the queue, invisible to other consumers while it is processed. */
export interface Letter {
  readonly id: string;
  readonly body: string | undefined;
  /** Deletes the message. */
  delete(): Promise<void>;
  /** Makes the message visible again. */
  release(): Promise<void>;
}

/** The dead-letter queue of a function, and the function. */
export interface Letters {
  /** Returns the next message, or undefined if none is visible. */
  receive(): Promise<Letter | undefined>;
  /** Invokes the function with an event and waits for its end. Returns the reason if it fails. */
  invoke(event: object): Promise<string | undefined>;
}

/** Longer than any Lambda runs, so that no other consumer receives a letter that is being processed: seconds. */
const HIDDEN_SECONDS = 16 * 60;
/** Long polling asks all servers of the queue; without it SQS may report a queue with messages as empty: seconds. */
const WAIT_SECONDS = 2;

/** How long the SDK may take to connect, and the queue to answer: milliseconds. */
const CONNECTING = { connectionTimeout: 5_000 };
const ANSWER_MS = 30_000;

/** Opens the queue and the function in AWS. Loads the SDK only here, so that other commands start faster. */
export async function openLetters({ queueUrl, functionName }: Deployment): Promise<Letters> {
  const lambdas = await import('@aws-sdk/client-lambda');
  const queues = await import('@aws-sdk/client-sqs');
  allowSlowAddresses();
  // No second attempt: a run that has not answered yet may still be running.
  const lambda: LambdaClient = new lambdas.LambdaClient({
    maxAttempts: 1,
    requestHandler: { ...CONNECTING, requestTimeout: HIDDEN_SECONDS * 1000, throwOnRequestTimeout: true },
  });
  const sqs: SQSClient = new queues.SQSClient({
    requestHandler: { ...CONNECTING, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  });
  return {
    receive: async () => {
      const command = new queues.ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 1,
        VisibilityTimeout: HIDDEN_SECONDS,
        WaitTimeSeconds: WAIT_SECONDS,
      });
      const { Messages } = await sqs.send(command).catch(unusable('SQS', `Queue '${queueUrl}'`, 'sqs:ReceiveMessage'));
      const message = Messages?.[0];
      if (!message) return undefined;
      const which = { QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle };
      return {
        id: message.MessageId ?? '',
        body: message.Body,
        delete: async () => {
          await sqs
            .send(new queues.DeleteMessageCommand(which))
            .catch(unusable('SQS', `Queue '${queueUrl}'`, 'sqs:DeleteMessage'));
        },
        release: async () => {
          await sqs.send(new queues.ChangeMessageVisibilityCommand({ ...which, VisibilityTimeout: 0 }));
        },
      };
    },
    invoke: async (event) => {
      const command = new lambdas.InvokeCommand({
        FunctionName: functionName,
        InvocationType: 'RequestResponse',
        Payload: Buffer.from(JSON.stringify(event)),
      });
      const answer = await lambda
        .send(command)
        .catch(unusable('Lambda', `Function '${functionName}'`, 'lambda:InvokeFunction'));
      if (!answer.FunctionError) return undefined;
      return describeFailure(Buffer.from(answer.Payload ?? []).toString('utf8'));
    },
  };
}

/** The reason for a failed run whose answer has no message. */
const NO_REASON = 'the function failed without a message';

function describeFailure(payload: string): string {
  try {
    const { errorMessage, errorType } = JSON.parse(payload) as { errorMessage?: string; errorType?: string };
    return errorMessage ?? errorType ?? NO_REASON;
  } catch {
    return NO_REASON;
  }
}

function unusable(service: string, subject: string, right: string): (error: unknown) => never {
  return (error) => {
    const { said, cause } = describeAwsFailure(error, { service, right });
    throw new PipelineError(ErrorCode.CONNECTION_FAILED, `${subject} cannot be used: ${said}`, { cause });
  };
}
