import type { Cluster } from '@totesys/sandbox';
import {
  createHintedSource,
  type HintedSource,
  startHintedCluster,
} from '../../../source/test/hints/hinted-cluster.ts';
import { totesys } from '../../../system-tests/test/built-command.ts';

let cluster: Cluster;
let source: HintedSource;

beforeAll(async () => {
  cluster = await startHintedCluster();
  source = await createHintedSource(cluster, 'totesys');
});

afterAll(async () => {
  await source.drop();
  await cluster.stop();
});

test('the printed SQL sets hints up and removes them, and the check says what is missing', async () => {
  const environment = { SOURCE_URL: source.readerUrl };
  const before = await totesys(['hints', 'check', '--json'], environment);
  expect(before).toMatchObject({ code: 1, json: { ok: false, command: 'hints check' } });
  expect(before.json.faults).toContainEqual({
    subject: 'slot totesys_hints',
    fault: 'it does not exist',
    remedy: 'Run the SQL of: totesys hints setup',
  });

  const setup = await totesys(['hints', 'setup', '--json'], environment);
  expect(setup).toMatchObject({ code: 0, json: { ok: true, reader: 'hint_reader' } });
  await source.runScript(String(setup.json.sql));
  expect(await totesys(['hints', 'check', '--json'], environment)).toMatchObject({
    code: 0,
    json: { ok: true, checked: 19, faults: [] },
  });

  const removal = await totesys(['hints', 'remove', '--json'], {});
  await source.runScript(String(removal.json.sql));
  expect((await totesys(['hints', 'check', '--json'], environment)).code).toBe(1);
});
