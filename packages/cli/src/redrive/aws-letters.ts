import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { allowSlowAddresses, describeAwsFailure, ErrorCode, PipelineError } from '@totesys/runtime';
import type { Deployment } from './find-deployment.ts';

/** A message of the queue, hidden from others while it is worked on. */
export interface Letter {
  readonly id: string;
  readonly body: string | undefined;
  /** Takes it out of the queue. */
  delete(): Promise<void>;
  /** Lets others see it again. */
  release(): Promise<void>;
}

/** The queue and the function behind it. */
export interface Letters {
  /** The next message, or undefined where none is visible. */
  receive(): Promise<Letter | undefined>;
  /** Invokes the function with an event and waits for its end; gives what went wrong, if anything. */
  invoke(event: object): Promise<string | undefined>;
}

/** Longer than any Lambda runs, so that nobody else takes up a letter that is being worked on: seconds. */
const HIDDEN_SECONDS = 16 * 60;
/** A queue asked for this long asks all of its servers; asked for less, it may say that it is empty while it is not: seconds. */
const WAIT_SECONDS = 2;

/** What the SDK may take to connect, and the queue to answer: milliseconds. */
const CONNECTING = { connectionTimeout: 5_000 };
const ANSWER_MS = 30_000;

/** Opens the queue and the function in AWS; its SDK is loaded here alone, so that no other command pays for it. */
export async function openLetters({ queueUrl, functionName }: Deployment): Promise<Letters> {
  const lambdas = await import('@aws-sdk/client-lambda');
  const queues = await import('@aws-sdk/client-sqs');
  allowSlowAddresses();
  // Once and no more: a run that is slow to answer is still a run.
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

function describeFailure(payload: string): string {
  try {
    const { errorMessage, errorType } = JSON.parse(payload) as { errorMessage?: string; errorType?: string };
    return errorMessage ?? errorType ?? 'it failed without a word';
  } catch {
    return 'it failed without a word';
  }
}

function unusable(service: string, subject: string, right: string): (error: unknown) => never {
  return (error) => {
    const { said, cause } = describeAwsFailure(error, { service, right });
    throw new PipelineError(ErrorCode.CONNECTION_FAILED, `${subject} cannot be used: ${said}`, { cause });
  };
}
