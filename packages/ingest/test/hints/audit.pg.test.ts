import { eachHintedIngest } from './hinted-ingest.ts';
import { runUnseen } from './lossy-slot.ts';

const hinted = eachHintedIngest('slot');

beforeEach(() => hinted.ingested.arm());

const run = (...statements: string[]) => hinted.ingested.source.run(...statements);
const editCurrency = (id: number) => run(`update currency set currency_code = 'EUR' where currency_id = ${id}`);
const unseen = (statement: string) => runUnseen(hinted.ingested.source, statement);
const audit = () => hinted.ingested.tick({ auditMs: 0 });

describe('a change that the slot does not show', () => {
  const misses = [
    ['an edit', `update currency set currency_code = 'EUR' where currency_id = 5`, [5], { rows: 1, deleted: 0 }],
    ['an insert', `insert into currency values (50, 'NEW', now(), now())`, [50], { rows: 1, deleted: 0 }],
    ['a delete', 'delete from currency where currency_id = 6', [6], { rows: 0, deleted: 1 }],
    ['a changed key', 'update currency set currency_id = 60 where currency_id = 7', [7, 60], { rows: 1, deleted: 1 }],
  ] as const;

  test.each(misses)('%s is found and counted by the next audit', async (_what, statement, keys, counts) => {
    await unseen(statement);
    await editCurrency(8);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, changes: { currency: [8] } });
    await run(`update design set design_name = 'seen' where design_id = 3`);
    expect(await audit()).toMatchObject({
      refused: 'audit',
      result: counts.deleted === 1 ? { deleted: 1 } : {},
      changes: { currency: keys, design: [3] },
      metrics: { HintsUsed: 0, HintsFellBack: 1, HintsMissed: keys.length },
    });
    await editCurrency(9);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, changes: { currency: [9] } });
    expect(await audit()).toMatchObject({ result: { rows: 0, deleted: 0 }, metrics: { HintsMissed: 0 } });
  });

  test.each(['off', 'shadow'] as const)('is found by a run with HINTS=%s, too', async (mode) => {
    await unseen(`update currency set currency_code = 'EUR' where currency_id = 5`);
    await editCurrency(8);
    await hinted.ingested.tick();
    expect(await hinted.ingested.tick({ mode })).toMatchObject({ changes: { currency: [5] } });
    expect(await hinted.ingested.tick({ mode })).toMatchObject({ result: { outcome: 'unchanged' } });
  });

  test('is found and counted by a run that refuses its hint', async () => {
    await unseen(`update currency set currency_code = 'EUR' where currency_id = 5`);
    await editCurrency(8);
    await hinted.ingested.tick();
    await editCurrency(9);
    await run("select pg_replication_slot_advance('totesys_hints', pg_current_wal_flush_lsn())");
    expect(await hinted.ingested.tick()).toMatchObject({
      refused: 'no-position',
      changes: { currency: [5, 9] },
      metrics: { HintsFellBack: 1, HintsMissed: 1 },
    });
  });

  test('causes an audit at once if a witness shows it, and not another history', async () => {
    await editCurrency(5);
    await hinted.ingested.tick();
    await unseen(`update currency set currency_code = 'USD' where currency_id = 5`);
    await editCurrency(8);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, changes: { currency: [8] } });
    const found = await hinted.ingested.tick();
    expect(found).toMatchObject({ refused: 'audit', changes: { currency: [5] }, metrics: { HintsMissed: 1 } });
    expect(found.result.warnings).toEqual([]);
  });
});

describe('an audit', () => {
  test('that finds nothing commits a batch without rows, and the next one is due an interval later', async () => {
    const { batch } = await hinted.ingested.newest();
    expect(await audit()).toMatchObject({
      result: { outcome: 'committed', batch: batch + 1, rows: 0 },
      metrics: { HintsMissed: 0 },
    });
    const { hint, sourceClock } = await hinted.ingested.newest();
    expect(hint!.scannedTo.clock).toBe(sourceClock);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, result: { outcome: 'unchanged' } });
  });

  test('carries nothing again, however many batches follow hints before it', async () => {
    for (let i = 0; i < 70; i++) {
      if (i % 10 === 3) await run(`delete from currency where currency_id = ${1000 + i - 1}`);
      await run(`insert into currency values (${1000 + i}, 'NEW', now(), now())`);
      await editCurrency(1 + (i % 20));
      expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, result: { outcome: 'committed' } });
    }
    const { batch, pairsSince, hint } = await hinted.ingested.newest();
    // The pairs were written again, so that the audit does not read a manifest of each batch.
    expect(batch - pairsSince!).toBeLessThan(65);
    expect(hint!.pairs).toBeGreaterThan(60);
    expect(await audit()).toMatchObject({ result: { rows: 0, deleted: 0 }, metrics: { HintsMissed: 0 } });
  });
});
