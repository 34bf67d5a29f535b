import { findDeployment } from '../../src/redrive/find-deployment.ts';

const QUEUE = 'https://sqs.eu-west-2.amazonaws.com/123456789012/totesys-dev-transform-failed';
const notAsked = () => Promise.reject(new Error('Terraform must not be asked'));

test('takes what is given before what the environment says, and asks nobody', async () => {
  const environment = { DEAD_LETTERS_URL: 'https://other', TRANSFORM_FUNCTION: 'transform' };
  expect(await findDeployment({ queue: QUEUE }, environment, notAsked)).toEqual({
    queueUrl: QUEUE,
    functionName: 'transform',
  });
});

test("takes the rest from Terraform's outputs, with the program that TERRAFORM names", async () => {
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
  [{ queue: 'my-queue', function: 'f' }, "--queue is no queue's URL"],
  [{}, "the outputs of Terraform in 'terraform' have neither"],
])('%j is refused as a wrong call', async (options, message) => {
  await expect(findDeployment(options, {}, async () => '{}')).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringContaining(message),
  });
});

test('says that Terraform cannot be asked, and what else would do', async () => {
  await expect(findDeployment({}, { TERRAFORM: '/nowhere/terraform' })).rejects.toMatchObject({
    name: 'UsageError',
    message: expect.stringMatching(
      /^Queue and function are not known: expected --queue URL .*Terraform in 'terraform'/,
    ),
  });
});
