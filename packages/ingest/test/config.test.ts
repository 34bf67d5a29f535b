import { readConfig } from '../src/config.ts';

const ENVIRONMENT = { SOURCE_URL_PARAMETER: '/source', INGESTION_URI: 's3://ingestion' };

test('an audit is due an hour after a scan, or after the whole minutes of the variable', () => {
  expect(readConfig(ENVIRONMENT).hintAuditMs).toBe(3_600_000);
  expect(readConfig({ ...ENVIRONMENT, HINT_AUDIT_MINUTES: '' }).hintAuditMs).toBe(3_600_000);
  expect(readConfig({ ...ENVIRONMENT, HINT_AUDIT_MINUTES: '5' }).hintAuditMs).toBe(300_000);
});

test.each(['1.5', '0', '1441', '1h'])('refuses %s minutes between audits', (minutes) => {
  expect(() => readConfig({ ...ENVIRONMENT, HINT_AUDIT_MINUTES: minutes })).toThrow(/HINT_AUDIT_MINUTES is wrong/);
});
