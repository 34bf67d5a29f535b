import type { SSMClient } from '@aws-sdk/client-ssm';
import { resolveSecret } from '../../src/index.ts';

const REFERENCE = { parameter: '/totesys/source-url', variable: 'SOURCE_URL' } as const;

test.each([
  ['its promise never settles', () => new Promise<never>(() => {})],
  ['the request is aborted', () => Promise.reject(Object.assign(new Error('aborted'), { name: 'AbortError' }))],
])('a parameter whose answer does not come is TIMED_OUT where %s', async (_, send) => {
  const client = { send } as unknown as Pick<SSMClient, 'send'>;
  await expect(resolveSecret(REFERENCE, client, 50)).rejects.toMatchObject({
    code: 'TIMED_OUT',
    message: expect.stringMatching(/'\/totesys\/source-url' cannot be read: no answer within 0\.05 s/),
  });
});
