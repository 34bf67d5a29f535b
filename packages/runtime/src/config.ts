import * as z from 'zod';
import { ErrorCode, PipelineError } from './errors.ts';

/** Environment variables, as a process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The place of a secret: a variable (local), or the SSM parameter that `<variable>_PARAMETER` names (AWS). */
export type SecretReference =
  | { readonly variable: string; readonly value: string }
  | { readonly variable: string; readonly parameter: string };

/**
 * Parses variables by their zod shape, and each of `secrets` as a reference; an empty variable counts as unset. Throws
 * one CONFIG_INVALID that lists all faults and repeats no value.
 */
export function parseConfig<Shape extends z.ZodRawShape, Secret extends string = never>(
  shape: Shape,
  environment: Environment,
  secrets: readonly Secret[] = [],
): z.output<z.ZodObject<Shape>> & Record<Secret, SecretReference> {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const faults: string[] = [];

  const references: Record<string, SecretReference> = {};
  for (const variable of secrets) {
    const [value, parameter] = [set[variable], set[`${variable}_PARAMETER`]];
    if (value !== undefined && parameter !== undefined) {
      faults.push(`${variable} and ${variable}_PARAMETER are both set, expected one of them`);
    } else if (value !== undefined) references[variable] = { variable, value };
    else if (parameter !== undefined) references[variable] = { variable, parameter };
    else
      faults.push(
        `${variable} is not set, expected a connection URL, or an SSM parameter's name in ${variable}_PARAMETER`,
      );
  }

  const result = z.object(shape).safeParse(set);
  if (!result.success) {
    faults.push(...result.error.issues.map((issue) => faultOf(issue, set)));
  }
  if (!result.success || faults.length > 0) {
    throw new PipelineError(
      ErrorCode.CONFIG_INVALID,
      `The configuration has ${faults.length === 1 ? 'one fault' : `${faults.length} faults`}: ` +
        `${faults.join('; ')}. Correct the variables named here.`,
      { context: { faults } },
    );
  }
  return { ...result.data, ...references } as z.output<z.ZodObject<Shape>> & Record<Secret, SecretReference>;
}

function faultOf(issue: z.core.$ZodIssue, set: Environment): string {
  const variable = String(issue.path[0]);
  if (set[variable] === undefined) return `${variable} is not set`;
  return `${variable} is wrong: ${issue.message.replace(/^Invalid input: /, '')}`;
}
