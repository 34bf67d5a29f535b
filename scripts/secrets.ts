// Stores the two SecureStrings of an environment. They are typed at the terminal without echo, or are two lines on
// stdin; they are never arguments.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, remedyFor } from './deploy/aws-remedy.ts';
import { fail, readEnvironment } from './deploy/environment.ts';
import { findUrlFault } from './deploy/url-fault.ts';

const PLACES = ['source', 'warehouse'] as const;
type Place = (typeof PLACES)[number];

const [name, ...more] = process.argv.slice(2);
if (more.length > 0)
  fail('A secret is never an argument, which others on this machine can see: type it, or pipe it in.', 2);
const { region, parameters, secretsKey } = readEnvironment(name);

const urls = process.stdin.isTTY ? await ask() : await readLines();
for (const place of PLACES) {
  const fault = findUrlFault(place, urls[place]);
  if (fault !== undefined) fail(`${fault} Nothing was stored.`, 2);
}
const ssm = new SSMClient({ region });
for (const place of PLACES) {
  const url = urls[place];
  const command = new PutParameterCommand({
    Name: parameters[place],
    Value: url,
    Type: 'SecureString',
    Overwrite: true,
    Description: `Connection URL of the ${place}.`,
    ...(secretsKey && { KeyId: secretsKey }),
  });
  const { Version } = await ssm.send(command).catch((error) => {
    return fail(
      `${parameters[place]} cannot be stored (${describe(error).replaceAll(url, '…')}). ` +
        `${remedyFor(error, 'Check credentials, region, and the right ssm:PutParameter')}.`,
    );
  });
  process.stdout.write(`${parameters[place]} is stored (version ${Version}).\n`);
}

async function ask(): Promise<Record<Place, string>> {
  const source = await askHidden('Connection URL of the source (hidden): ');
  return { source, warehouse: await askHidden('Connection URL of the warehouse (hidden): ') };
}

function askHidden(question: string): Promise<string> {
  return new Promise((resolve) => {
    process.stdout.write(question);
    // readline echoes to its output, so the output discards everything.
    const output = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: process.stdin, output, terminal: true });
    lines.on('SIGINT', () => {
      process.stdout.write('\n');
      process.exit(130);
    });
    lines.question('', (answer) => {
      lines.close();
      process.stdout.write('\n');
      resolve(answer.trim());
    });
  });
}

async function readLines(): Promise<Record<Place, string>> {
  const given: string[] = [];
  for await (const line of createInterface({ input: process.stdin })) if (line.trim() !== '') given.push(line.trim());
  const [source, warehouse] = given;
  if (source === undefined || warehouse === undefined || given.length !== PLACES.length) {
    return fail(
      `Standard input has ${given.length} lines: expected ${PLACES.length}, the URLs of ${PLACES.join(' and ')}.`,
      2,
    );
  }
  return { source, warehouse };
}
