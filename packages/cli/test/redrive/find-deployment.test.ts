import { findDeployment } from '../../src/redrive/find-deployment.ts';

const QUEUE = 'https://sqs.eu-west-2.amazonaws.com/123456789012/totesys-dev-transform-failed';
const notAsked = () => Promise.reject(new Error('Terraform must not be asked'));

test('uses the options before the environment, and does not run Terraform', async () => {
  const environment = { DEAD_LETTERS_URL: 'https://other', TRANSFORM_FUNCTION: 'transform' };
  expect(await findDeployment({ queue: QUEUE }, environment, notAsked)).toEqual({
    queueUrl: QUEUE,
    functionName: 'transform',
  });
});

test('reads the rest from the Terraform outputs, with the program in TERRAFORM', async () => {
  const asked: string[][] = [];
  const outputs = { dead_letters_url: { value: QUEUE }, functions: { value: { transform: 'totesys-dev-transform' } } };
  const readOutputs = async (...given: string[]) => {
    asked.push(given);
    return JSON.stringify(outputs);
  };
  const found = await findDeployment({ function: 'mine' }, { TERRAFORM: '/opt/terraform' }, readOutputs);
  expect(found).toEqual({ queueUrl: QUEUE, functionName: 'mine' });
  expect(await findDeployment({ terraform: 'infra' }, {}, readOutputs)).toEqual({
    queueUrl: QUEUE,
    functionName: 'totesys-dev-transform',
  });
  expect(asked).toEqual([
    ['terraform', '/opt/terraform'],
    ['infra', 'terraform'],
  ]);
});

test.each([
  [{ queue: 'my-queue', function: 'f' }, '--queue is not the URL of a queue'],
  [{}, "the outputs of Terraform in 'terraform' lack them"],
])('%j is a usage error', async (options, message) => {
  await expect(findDeployment(options, {}, async () => '{}')).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining(message),
  });
});

test('names what is expected if Terraform cannot be run', async () => {
  await expect(findDeployment({}, { TERRAFORM: '/nowhere/terraform' })).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringMatching(
      /^The queue and the function are not known: expected --queue URL .*Terraform in 'terraform'/,
    ),
  });
});
