import { connect } from '@totesys/runtime';
import { type Backup, type Cluster, startCluster } from '@totesys/sandbox';
import { HINTED_SETTINGS, startHintedCluster } from '../../../source/test/hints/hinted-cluster.ts';
import { createHintedIngest, type HintedIngest } from './hinted-ingest.ts';
import { findDifferences, LakeState, readSourceRows } from './scenarios/compare-lake.ts';

const MODES = ['off', 'shadow', 'slot'] as const;

let main: Cluster;
let restored: Cluster | undefined;
let ingested: HintedIngest;

beforeAll(async () => {
  main = await startHintedCluster();
});

afterAll(() => main.stop());

afterEach(async () => {
  await ingested.close();
  await restored?.stop();
  restored = undefined;
});

/** Inserts designs, each in a transaction of its own. */
const insertDesigns = (name: string, first: number, last: number) =>
  Array.from(
    { length: last - first + 1 },
    (_, i) => `insert into design values (${first + i}, now(), '${name}', '/', 'f', now())`,
  );

/** Starts the copy as the source, has it written to, and runs ingest; returns its result and how the lake differs. */
async function followCopy(backup: Backup, ...statements: string[]) {
  restored = await startCluster({ backup, settings: HINTED_SETTINGS });
  const owner = await connect(restored.url('totesys'), { subject: 'source', connections: 2, applicationName: 'owner' });
  const url = new URL(ingested.source.readerUrl);
  url.port = String(restored.port);
  const reader = await connect(url.href, { subject: 'source', connections: 5, applicationName: 'test' });
  try {
    for (const each of statements) await owner.unsafe(each);
    // WAL beyond that of the last batch, flushed, without a transaction.
    await owner`select pg_logical_emit_message(false, 'test', repeat('x', 1000000))`;
    await owner`checkpoint`;
    const { result } = await ingested.tick({ source: reader });
    const lake = await new LakeState(ingested.store).read((await ingested.newest()).batch);
    return { result, differences: findDifferences(lake, await readSourceRows(owner)) };
  } finally {
    await reader.end({ timeout: 1 });
    await owner.end({ timeout: 1 });
  }
}

test.each(MODES)('with HINTS=%s a copy that was taken after the last scan is another history', async (mode) => {
  ingested = await createHintedIngest(main, mode);
  await ingested.arm();
  const backup = await main.backUp();
  await ingested.source.run(...insertDesigns('lost', 101, 150));
  expect(await ingested.tick()).toMatchObject({ refused: undefined, result: { rows: 50 } });
  // The first ones have the keys and the transaction ids of rows that are lost.
  const others = [...insertDesigns('other', 101, 120), 'select pg_current_xact_id()'];
  const { result, differences } = await followCopy(backup, ...others, ...insertDesigns('other', 121, 160));
  expect(differences).toEqual([]);
  expect(result.warnings).toEqual([expect.stringContaining('another history')]);
});
