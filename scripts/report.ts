// Writes the report of a deployed environment: its buckets from Terraform's outputs, the warehouse's URL from SSM.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, remedyFor } from './deploy/aws-remedy.ts';
import { fail, ROOT, readEnvironment } from './deploy/environment.ts';
import { TSX_PROGRAM } from './tsx-program.ts';

const { name, region, parameters } = readEnvironment(process.argv[2]);
const script = [TSX_PROGRAM, join(ROOT, 'scripts/deploy.ts'), 'outputs', name];
const outputs = spawnSync(process.execPath, script, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
// The script has reported the fault.
if (outputs.status !== 0) process.exit(outputs.status ?? 1);
const buckets =
  JSON.parse(outputs.stdout).buckets?.value ??
  fail(`${name} has no outputs: it has not been deployed. Run: make deploy ENV=${name}`);

// A warehouse in a private network is out of reach of most machines; the lakes are not.
const warehouse = process.env.WAREHOUSE === '0' ? undefined : (process.env.WAREHOUSE_URL ?? (await readSecret()));
const file = process.env.OUT || join(ROOT, `build/report-${name}.html`);
const child = spawnSync(process.execPath, [join(ROOT, 'packages/cli/bin/totesys.mjs'), 'report', '--out', file], {
  stdio: 'inherit',
  env: {
    ...process.env,
    AWS_REGION: region,
    INGESTION_URI: buckets.ingestion,
    PROCESSED_URI: buckets.processed,
    SOURCE_URL: '',
    LAKE: '',
    WAREHOUSE_URL: warehouse ?? '',
  },
});
if (child.status !== 0 && warehouse !== undefined) {
  process.stderr.write(`If this machine cannot reach the warehouse: make report ENV=${name} WAREHOUSE=0\n`);
}
process.exitCode = child.status ?? 1;

async function readSecret(): Promise<string> {
  const ssm = new SSMClient({ region });
  const command = new GetParameterCommand({ Name: parameters.warehouse, WithDecryption: true });
  const { Parameter } = await ssm.send(command).catch((error) => {
    return fail(
      `${parameters.warehouse} cannot be read (${describe(error)}). ` +
        `${remedyFor(error, 'Check credentials, region, and the right ssm:GetParameter')}. ` +
        `For a report of the lakes alone: make report ENV=${name} WAREHOUSE=0`,
    );
  });
  return Parameter?.Value ?? fail(`${parameters.warehouse} has no value. Run: make secrets ENV=${name}`);
}
