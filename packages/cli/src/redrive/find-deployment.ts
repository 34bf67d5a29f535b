import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CommandOptions } from '../process/command-options.ts';
import { UsageError } from '../process/usage-error.ts';

/** The dead-letter queue and its function. */
export interface Deployment {
  readonly queueUrl: string;
  readonly functionName: string;
}

/** Terraform reads its state, which takes seconds with a remote backend: milliseconds. */
const TERRAFORM_LIMIT_MS = 60_000;

/**
 * Finds the queue and the function: in the options, then in `DEAD_LETTERS_URL` and `TRANSFORM_FUNCTION`, then in the
 * Terraform outputs of the folder `--terraform`.
 */
export async function findDeployment(
  options: CommandOptions,
  environment: NodeJS.ProcessEnv,
  readOutputs: (folder: string, program: string) => Promise<string> = readTerraformOutputs,
): Promise<Deployment> {
  const queueUrl = options.queue || environment.DEAD_LETTERS_URL;
  const functionName = options.function || environment.TRANSFORM_FUNCTION;
  if (queueUrl && functionName)
    return { queueUrl: parseQueueUrl(String(queueUrl)), functionName: String(functionName) };
  const folder = String(options.terraform ?? 'terraform');
  const outputs = parseOutputs(await readOutputs(folder, environment.TERRAFORM || 'terraform'));
  const found = { queueUrl: queueUrl || outputs.queueUrl, functionName: functionName || outputs.functionName };
  if (!found.queueUrl || !found.functionName) throw missing(`the outputs of Terraform in '${folder}' lack them`);
  return { queueUrl: parseQueueUrl(String(found.queueUrl)), functionName: String(found.functionName) };
}

/** Finds the function of each stage in the Terraform outputs of a folder. */
export async function findFunctions(
  folder: string,
  environment: NodeJS.ProcessEnv,
  readOutputs: typeof readTerraformOutputs = readTerraformOutputs,
): Promise<Readonly<Record<string, string>>> {
  const outputs = JSON.parse(await readOutputs(folder, environment.TERRAFORM || 'terraform', unreadable)) as {
    functions?: { value?: Record<string, string> };
  };
  const functions = outputs.functions?.value ?? {};
  if (Object.keys(functions).length === 0) throw unreadable(`the outputs of Terraform in '${folder}' name no function`);
  return functions;
}

async function readTerraformOutputs(
  folder: string,
  program: string,
  fail: (why: string) => UsageError = missing,
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, [`-chdir=${folder}`, 'output', '-json'], {
      timeout: TERRAFORM_LIMIT_MS,
    });
    return stdout;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    const lines = (stderr || message).split('\n');
    const fault = lines.find((line) => line.includes('Error:')) ?? lines[0] ?? '';
    throw fail(`Terraform in '${folder}' cannot be read (${fault.replace(/^\W+/, '').trim()})`);
  }
}

function parseOutputs(text: string): Partial<Deployment> {
  const { dead_letters_url: queue, functions } = JSON.parse(text) as {
    dead_letters_url?: { value?: string };
    functions?: { value?: { transform?: string } };
  };
  const functionName = functions?.value?.transform;
  return { ...(queue?.value && { queueUrl: queue.value }), ...(functionName && { functionName }) };
}

function parseQueueUrl(text: string): string {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) {
    throw new UsageError(
      `--queue is not the URL of a queue: expected https://sqs.REGION.amazonaws.com/ACCOUNT/NAME, got ${text}`,
    );
  }
  return text;
}

function unreadable(why: string): UsageError {
  return new UsageError(`The deployment is not known: expected --terraform to name its Terraform folder, and ${why}.`);
}

function missing(why: string): UsageError {
  return new UsageError(
    'The queue and the function are not known: expected --queue URL (or DEAD_LETTERS_URL) and --function NAME ' +
      `(or TRANSFORM_FUNCTION), and ${why}.`,
  );
}
