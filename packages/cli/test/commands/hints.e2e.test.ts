import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('the printed SQL sets hints up and removes them, the check says what is missing, and ingest reads the slot', async () => {
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

  await source.run(`insert into currency select g, 'GBP', now(), now() from generate_series(1, 9) g`);
  const lake = await mkdtemp(join(tmpdir(), 'totesys-hints-'));
  try {
    for (let key = 1; key <= 3; key++) {
      await source.run(`update currency set currency_code = 'EUR' where currency_id = ${key}`);
      const run = await totesys(['ingest', '--hints', 'slot', '--json'], { ...environment, INGESTION_URI: lake });
      // A slot that the command could not read would be a warning.
      expect(run).toMatchObject({ code: 0, json: { batch: key, rows: key === 1 ? 9 : 1, warnings: [] } });
    }
  } finally {
    await rm(lake, { recursive: true });
  }

  const removal = await totesys(['hints', 'remove', '--json'], {});
  await source.runScript(String(removal.json.sql));
  expect((await totesys(['hints', 'check', '--json'], environment)).code).toBe(1);
});
