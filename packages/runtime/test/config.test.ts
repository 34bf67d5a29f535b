import { z } from 'zod';
import { ErrorCode, parseConfig, resolveSecret } from '../src/index.ts';

const shape = {
  INGESTION: z.string(),
  BATCH_ROWS: z.coerce.number().int().positive().default(200_000),
  DEADLINE_MS: z.coerce.number().int().positive(),
};

describe('parseConfig', () => {
  test('reads variables, defaults and a secret that is there itself', () => {
    const environment = { INGESTION: 's3://lake', DEADLINE_MS: '1000', SOURCE_URL: 'postgres://u:p@h/d', PATH: '/bin' };
    expect(parseConfig(shape, environment, ['SOURCE_URL'])).toEqual({
      INGESTION: 's3://lake',
      BATCH_ROWS: 200_000,
      DEADLINE_MS: 1000,
      SOURCE_URL: { variable: 'SOURCE_URL', value: 'postgres://u:p@h/d' },
    });
  });

  test('refers to a secret that is in SSM', () => {
    const config = parseConfig({}, { SOURCE_URL_PARAMETER: '/totesys/source' }, ['SOURCE_URL']);
    expect(config.SOURCE_URL).toEqual({ variable: 'SOURCE_URL', parameter: '/totesys/source' });
  });

  test('reports every bad variable at once and repeats no value', () => {
    const environment = {
      BATCH_ROWS: 'hunter2',
      DEADLINE_MS: '',
      SOURCE_URL: 'postgres://u:hunter2@h/d',
      SOURCE_URL_PARAMETER: '/totesys/source',
    };
    const parse = () => parseConfig(shape, environment, ['SOURCE_URL', 'WAREHOUSE_URL']);
    expect(parse).toThrow(expect.objectContaining({ code: ErrorCode.CONFIG_INVALID }));
    expect(parse).toThrow(
      'The configuration has 5 faults: SOURCE_URL and SOURCE_URL_PARAMETER are both set, expected one of them; ' +
        "WAREHOUSE_URL is not set, expected a connection URL, or an SSM parameter's name in WAREHOUSE_URL_PARAMETER; " +
        'INGESTION is not set; BATCH_ROWS is wrong: expected number, received NaN; DEADLINE_MS is not set. ' +
        'Correct the variables named here.',
    );
    expect(parse).not.toThrow('hunter2');
  });
});

describe('resolveSecret', () => {
  const reference = { variable: 'SOURCE_URL', parameter: '/totesys/source' };

  test('takes the value itself without asking SSM', async () => {
    const client = ssm(() => Promise.reject(new Error('must not be asked')));
    expect(await resolveSecret({ variable: 'SOURCE_URL', value: 'the url' }, client)).toBe('the url');
  });

  test('asks SSM for the decrypted parameter', async () => {
    const inputs: unknown[] = [];
    const client = ssm((command) => {
      inputs.push(command.input);
      return Promise.resolve({ Parameter: { Value: 'the url\n' } });
    });
    expect(await resolveSecret(reference, client)).toBe('the url');
    expect(inputs).toEqual([{ Name: '/totesys/source', WithDecryption: true }]);
  });

  test.each([
    ['ParameterNotFound', ErrorCode.CONFIG_INVALID, 'does not exist. Create it as a SecureString'],
    ['AccessDeniedException', ErrorCode.CONFIG_INVALID, 'Allow the role ssm:GetParameter'],
    ['TimeoutError', ErrorCode.TIMED_OUT, 'no answer within 10 s'],
    ['CredentialsProviderError', ErrorCode.CONNECTION_FAILED, 'CredentialsProviderError'],
  ])('says %s with its remedy', async (name, code, message) => {
    const client = ssm(() => Promise.reject(Object.assign(new Error('from the SDK'), { name })));
    await expect(resolveSecret(reference, client)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });

  test('refuses an empty parameter', async () => {
    const client = ssm(() => Promise.resolve({ Parameter: { Value: ' ' } }));
    await expect(resolveSecret(reference, client)).rejects.toMatchObject({ code: ErrorCode.CONFIG_INVALID });
  });
});

function ssm(
  send: (command: { input: unknown }) => Promise<unknown>,
): NonNullable<Parameters<typeof resolveSecret>[1]> {
  return { send: send as never };
}
