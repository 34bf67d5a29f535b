import { lookup as resolve } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { CreateBucketCommand, PutBucketTaggingCommand, S3Client } from '@aws-sdk/client-s3';
import { ListTagsForResourceCommand, S3ControlClient } from '@aws-sdk/client-s3-control';
import { startEmulatedAccount } from './emulated-account.ts';

/**
 * The account of an emulator that is configured with no other; S3 Control's client puts it before the host of the
 * endpoint.
 */
const ACCOUNT = '000000000000';
const HOST = `${ACCOUNT}.localhost`;

const account = await startEmulatedAccount();
const describeOnAws = account.isMissing ? describe.skip : describe;

// The AWS provider lists the tags of each bucket through S3 Control from 6.23 on.
describeOnAws('S3 Control in the emulated account', () => {
  test("answers the SDK's own client, by the host that the client makes of the endpoint", async () => {
    const s3 = new S3Client({});
    await s3.send(new CreateBucketCommand({ Bucket: 'tagged' }));
    await s3.send(
      new PutBucketTaggingCommand({ Bucket: 'tagged', Tagging: { TagSet: [{ Key: 'Project', Value: 'totesys' }] } }),
    );
    const hosts: string[] = [];
    const client = new S3ControlClient({ requestHandler: { httpAgent: await agent() } });
    client.middlewareStack.add(
      (next) => (args) => {
        hosts.push((args.request as { hostname: string }).hostname);
        return next(args);
      },
      { step: 'finalizeRequest' },
    );
    const command = new ListTagsForResourceCommand({ AccountId: ACCOUNT, ResourceArn: 'arn:aws:s3:::tagged' });
    const { Tags } = await client.send(command);
    expect(Tags).toEqual([{ Key: 'Project', Value: 'totesys' }]);
    expect(new Set(hosts)).toEqual(new Set([HOST]));
  });

  test('has no host that resolves where the endpoint is an IP address', async () => {
    const client = new S3ControlClient({ endpoint: account.endpoint, maxAttempts: 1 });
    const command = new ListTagsForResourceCommand({ AccountId: ACCOUNT, ResourceArn: 'arn:aws:s3:::tagged' });
    const { error } = console;
    // The client prints the URL that it cannot parse.
    console.error = () => {};
    await expect(client.send(command).finally(() => (console.error = error))).rejects.toThrow(/Invalid URL|ENOTFOUND/);
  });
});

test("the jobs that apply terraform/ with the real provider make the account's host resolve", async () => {
  const text = await readFile(new URL('../../../../.github/workflows/ci.yml', import.meta.url), 'utf8');
  const check = text.slice(text.indexOf('\n  check:'), text.indexOf('\n  debian:'));
  const writes = check.indexOf(`run: echo "127.0.0.1 ${HOST}" | sudo tee -a /etc/hosts`);
  const applies = check.indexOf('run: .ci/run');
  expect(writes).toBeGreaterThan(0);
  expect(applies).toBeGreaterThan(writes);
});

// As the job's /etc/hosts has it; on GitHub that file itself has to serve.
async function agent(): Promise<Agent> {
  const resolves = await resolve(HOST).then(
    () => true,
    () => false,
  );
  if (resolves || process.env.GITHUB_ACTIONS === 'true') return new Agent();
  return new Agent({ lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) });
}
