import type { SSMClient } from '@aws-sdk/client-ssm';
import type { SecretReference } from '../config.ts';
import { ErrorCode, PipelineError } from '../errors.ts';
import { allowSlowAddresses } from '../slow-addresses.ts';
import { withinLimit } from '../within-limit.ts';
import { describeAwsFailure } from './aws-failure.ts';

/** The limit for reading a parameter: without a route to SSM, a function in a VPC would wait for ever. */
const PARAMETER_TIMEOUT_MS = 10_000;

/** Returns a secret, read from SSM if the reference names a parameter; nothing is cached. */
export async function resolveSecret(
  reference: SecretReference,
  client?: Pick<SSMClient, 'send'>,
  timeoutMs: number = PARAMETER_TIMEOUT_MS,
): Promise<string> {
  if ('value' in reference) return reference.value;
  // Imported only when needed: a local start does not pay for it.
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  allowSlowAddresses();
  const ssm = client ?? new SSMClient({});
  const command = new GetParameterCommand({ Name: reference.parameter, WithDecryption: true });
  const answer = ssm.send(command, { abortSignal: AbortSignal.timeout(timeoutMs) });
  // The signal ends neither an answer that stops half-way nor a wait for credentials.
  const parameter = await withinLimit(timeoutMs, 'no answer', answer).catch((error: unknown) => {
    throw describeParameterError(error, reference, timeoutMs);
  });
  const value = parameter.Parameter?.Value?.trim();
  if (value === undefined || value === '') throw invalid(reference, 'is empty. Put the connection URL in it');
  return value;
}

type ParameterReference = Extract<SecretReference, { parameter: string }>;

function invalid({ parameter, variable }: ParameterReference, fault: string, cause?: unknown): PipelineError {
  return new PipelineError(
    ErrorCode.CONFIG_INVALID,
    `SSM parameter '${parameter}', named by ${variable}_PARAMETER, ${fault}.`,
    { context: { parameter, variable }, cause },
  );
}

function describeParameterError(error: unknown, reference: ParameterReference, timeoutMs: number): PipelineError {
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'ParameterNotFound':
      return invalid(reference, 'does not exist. Create it as a SecureString that holds the connection URL', error);
    case 'AccessDeniedException':
      return invalid(
        reference,
        'may not be read. Allow the role ssm:GetParameter on it, and kms:Decrypt on its key',
        error,
      );
    default: {
      const right = 'ssm:GetParameter on it, and kms:Decrypt on its key';
      const { isTimeout, said, cause } = describeAwsFailure(error, { service: 'SSM', right });
      const late = `no answer within ${timeoutMs / 1000} s. Check the network's route to SSM.`;
      return new PipelineError(
        isTimeout ? ErrorCode.TIMED_OUT : ErrorCode.CONNECTION_FAILED,
        `SSM parameter '${reference.parameter}' cannot be read: ${isTimeout ? late : said}`,
        { context: { parameter: reference.parameter, variable: reference.variable }, cause },
      );
    }
  }
}
