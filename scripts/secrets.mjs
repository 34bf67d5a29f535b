// `node scripts/secrets.mjs ENV` puts the two SecureStrings: typed at the terminal, where they do not show, or two lines on stdin. Never an argument.
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, remedyFor } from './deploy/aws-remedy.mjs';
import { fail, readEnvironment } from './deploy/environment.mjs';

const [name, ...more] = process.argv.slice(2);
if (more.length > 0)
  fail('A secret is never an argument, which others on this machine can see: type it, or pipe it in.', 2);
const { region, parameters, secretsKey } = readEnvironment(name);

const urls = process.stdin.isTTY ? await ask() : await readLines();
for (const [place, url] of Object.entries(urls)) check(place, url);
const ssm = new SSMClient({ region });
for (const [place, url] of Object.entries(urls)) {
  const command = new PutParameterCommand({
    Name: parameters[place],
    Value: url,
    Type: 'SecureString',
    Overwrite: true,
    Description: `Connection URL of the ${place}.`,
    ...(secretsKey && { KeyId: secretsKey }),
  });
  const { Version } = await ssm.send(command).catch((error) => {
    fail(
      `${parameters[place]} cannot be put (${describe(error).replaceAll(url, '…')}). ${remedyFor(error, 'Check credentials, region, and the right ssm:PutParameter')}.`,
    );
  });
  process.stdout.write(`${parameters[place]} is there (version ${Version}).\n`);
}

async function ask() {
  const given = {};
  for (const place of Object.keys(parameters))
    given[place] = await askHidden(`Connection URL of the ${place} (hidden): `);
  return given;
}

function askHidden(question) {
  return new Promise((resolve) => {
    process.stdout.write(question);
    // What readline would echo is what nobody is to see.
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

async function readLines() {
  const given = [];
  for await (const line of createInterface({ input: process.stdin })) if (line.trim() !== '') given.push(line.trim());
  const places = Object.keys(parameters);
  if (given.length !== places.length) {
    fail(
      `Standard input has ${given.length} lines: expected ${places.length}, the URLs of ${places.join(' and ')}.`,
      2,
    );
  }
  return Object.fromEntries(places.map((place, i) => [place, given[i]]));
}

function check(place, url) {
  // As packages/runtime/src/connection/url-faults.ts: an @ after the host's end belongs to a password that is not encoded.
  const isProven = /^postgres(ql)?:\/\/[^/?#]*@[^/?#@]+\/[^/?#@]+(\?[^#@]*)?$/i.test(url);
  if (!isProven || !URL.canParse(url))
    fail(
      `The URL of the ${place} is none: expected postgres://USER:PASSWORD@HOST/DATABASE?sslmode=verify-full, with special characters percent-encoded. Nothing was put.`,
      2,
    );
}
