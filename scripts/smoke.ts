// Invokes the deployed stages of an environment one after another, and checks their answers.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, remedyFor } from './deploy/aws-remedy.ts';
import { fail, ROOT, readEnvironment, STAGES, type Stage } from './deploy/environment.ts';
import { TSX_PROGRAM } from './tsx-program.ts';

/** The outcomes that a stage may answer; `yielded` means that another run is in progress. */
const OUTCOMES: Readonly<Record<Stage, readonly string[]>> = {
  ingest: ['committed', 'unchanged', 'yielded'],
  transform: ['committed', 'unchanged'],
  load: ['loaded', 'unchanged', 'yielded'],
  reconcile: ['equal'],
};
/** No Lambda runs longer: milliseconds. */
const ANSWER_LIMIT_MS = 16 * 60_000;

const { name, region } = readEnvironment(process.argv[2]);
const script = [TSX_PROGRAM, join(ROOT, 'scripts/deploy.ts'), 'outputs', name];
const { status, stdout } = spawnSync(process.execPath, script, {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
// The script has reported the fault.
if (status !== 0) process.exit(status ?? 1);
const outputs = JSON.parse(stdout);
const functions =
  outputs.functions?.value ?? fail(`${name} has no outputs: it has not been deployed. Run: make deploy ENV=${name}`);
// No retry: a second attempt would be a second run.
const lambda = new LambdaClient({ region, maxAttempts: 1, requestHandler: { requestTimeout: ANSWER_LIMIT_MS } });
for (const stage of STAGES) {
  // Without proofs reconcile is not deployed.
  if (functions[stage] === undefined && stage === 'reconcile') continue;
  const command = new InvokeCommand({ FunctionName: functions[stage], Payload: '{}' });
  const { FunctionError, Payload } = await lambda.send(command).catch((error) => {
    return fail(
      `${functions[stage]} cannot be invoked (${describe(error)}). ` +
        `${remedyFor(error, 'Check that it exists, and the right lambda:InvokeFunction')}.`,
    );
  });
  const answer = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || 'null');
  if (FunctionError) fail(`${stage} failed: ${answer?.errorMessage ?? FunctionError}. See docs/runbook.md.`);
  if (!OUTCOMES[stage].includes(answer?.outcome)) {
    fail(`${stage} answered ${JSON.stringify(answer)}: expected an outcome of ${OUTCOMES[stage].join(', ')}.`);
  }
  process.stdout.write(`${stage.padEnd(9)} ${JSON.stringify(shorten(answer))}\n`);
}

// The proof names the rows of each table; the log has its numbers, and its object all of it.
function shorten({ tables: _tables, ...answer }: Record<string, unknown>): Record<string, unknown> {
  return answer;
}
