import type { Store } from '@totesys/lake';
import { eachHintedIngest } from './hinted-ingest.ts';

/** Rows of 1,500 bytes: more than 256 MB of WAL. */
const ROWS_OF_WAL = 200_000;

describe.each(['shadow', 'slot'] as const)('with HINTS=%s', (mode) => {
  const hinted = eachHintedIngest(mode);
  const editCurrency = (id: number) =>
    hinted.ingested.source.run(`update currency set currency_code = 'EUR' where currency_id = ${id}`);

  // Only a run that scans can compare.
  const nothingMissed = mode === 'shadow' ? { HintsMissed: 0 } : {};

  test('a hint counts from the second batch on, and lacks nothing', async () => {
    expect(await hinted.ingested.tick()).toMatchObject({
      refused: 'reads-more',
      metrics: { HintsUsed: 0, HintsFellBack: 1 },
    });
    await editCurrency(2);
    expect(await hinted.ingested.tick()).toMatchObject({
      refused: undefined,
      changes: { currency: [2] },
      metrics: { HintsUsed: 1, HintsFellBack: 0, ...nothingMissed, PeekMilliseconds: expect.any(Number) },
    });
  });

  test('a hint does not count while a transaction is open that began before the publication changed', async () => {
    await hinted.ingested.arm();
    await hinted.ingested.source.run('alter publication totesys_hints drop table design');
    const writer = await hinted.ingested.source.sql.reserve();
    await writer`begin`;
    // The slot never shows this: the publication does not name the table when the row is written.
    await writer`update design set design_name = 'late' where design_id = 3`;
    await hinted.ingested.source.run('alter publication totesys_hints add table design (design_id)');
    await editCurrency(2);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: 'publication-changed', changes: { currency: [2] } });
    await editCurrency(3);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: 'not-armed', changes: { currency: [3] } });
    await writer`commit`;
    writer.release();
    await editCurrency(4);
    expect(await hinted.ingested.tick()).toMatchObject({
      refused: 'not-armed',
      changes: { currency: [4], design: [3] },
    });
    await editCurrency(5);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, metrics: nothingMissed });
  });

  test('the manifest keeps the state, and the slot is advanced to its position', async () => {
    await hinted.ingested.arm();
    const { hint, fence, sourceClock } = await hinted.ingested.newest();
    expect(BigInt(hint!.scannedTo.xmin) < BigInt(fence.to.xmin)).toBe(mode === 'slot');
    expect(hint!.scannedTo.clock < sourceClock).toBe(mode === 'slot');
    expect(await hinted.ingested.confirmed()).toBe(BigInt(hint!.position!));
    expect(hint!.marks.length).toBeGreaterThan(0);
  });

  test('a run without changes writes nothing and leaves the slot as it is', async () => {
    await hinted.ingested.arm();
    const before = await hinted.ingested.confirmed();
    expect((await hinted.ingested.tick()).result.outcome).toBe('unchanged');
    expect(await hinted.ingested.confirmed()).toBe(before);
  });

  test('a transaction that is open during a run is in the hint of the run that finds it', async () => {
    await hinted.ingested.arm();
    const writer = await hinted.ingested.source.sql.reserve();
    await writer`begin`;
    await writer`update currency set currency_code = 'EUR' where currency_id = 3`;
    await editCurrency(4);
    expect(await hinted.ingested.tick()).toMatchObject({ changes: { currency: [4] }, metrics: nothingMissed });
    await writer`commit`;
    writer.release();
    expect(await hinted.ingested.tick()).toMatchObject({
      refused: undefined,
      changes: { currency: [3] },
      metrics: nothingMissed,
    });
  });

  test.each([
    ['the slot is missing', `select pg_drop_replication_slot('totesys_hints')`, 'not-set-up'],
    [
      'the slot is another one',
      `select pg_drop_replication_slot('totesys_hints'), pg_create_logical_replication_slot('totesys_hints', 'pgoutput')`,
      'no-position',
    ],
    [
      'the slot was advanced',
      `select pg_replication_slot_advance('totesys_hints', pg_current_wal_flush_lsn())`,
      'no-position',
    ],
    [
      'a table was published again',
      'alter publication totesys_hints drop table design; alter publication totesys_hints add table design (design_id)',
      'publication-changed',
    ],
    ['a table was rewritten', 'vacuum full currency', 'publication-changed'],
    ['the right is revoked', 'revoke execute on function totesys_hints.peek(pg_lsn) from hint_reader', 'peek-failed'],
  ])('if %s, the run scans, and hints count again later', async (_name, statement, reason) => {
    await hinted.ingested.arm();
    await editCurrency(6);
    for (const each of statement.split('; ')) await hinted.ingested.source.run(each);
    await editCurrency(7);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: reason, changes: { currency: [6, 7] } });
    if (reason === 'peek-failed' || reason === 'not-set-up') return;
    await editCurrency(8);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, metrics: nothingMissed });
  });

  test('a run without changes commits a batch without rows if the slot keeps much WAL of other tables', async () => {
    await hinted.ingested.arm();
    await hinted.ingested.source.run('create table noise (id int, filler text)');
    const { batch } = await hinted.ingested.newest();
    expect((await hinted.ingested.tick()).result.outcome).toBe('unchanged');
    const fill = `insert into noise select g, repeat('x', 1500) from generate_series(1, ${ROWS_OF_WAL}) g`;
    await hinted.ingested.source.run(fill);
    const before = await hinted.ingested.confirmed();
    expect(await hinted.ingested.tick()).toMatchObject({ result: { outcome: 'committed', batch: batch + 1, rows: 0 } });
    expect(Number((await hinted.ingested.confirmed()) - before)).toBeGreaterThan(256 * 1024 * 1024);
    expect((await hinted.ingested.tick()).result.outcome).toBe('unchanged');
  });

  test('a run that is killed before its manifest leaves the slot, and the next one reads the same changes', async () => {
    await hinted.ingested.arm();
    await editCurrency(10);
    const before = await hinted.ingested.confirmed();
    const dying: Store = Object.assign(Object.create(hinted.ingested.store), {
      putIfAbsent: (key: string, body: Uint8Array) =>
        key.startsWith('_manifests/')
          ? Promise.reject(new Error('killed'))
          : hinted.ingested.store.putIfAbsent(key, body),
    });
    await expect(hinted.ingested.tick({ store: dying })).rejects.toThrow('killed');
    expect(await hinted.ingested.confirmed()).toBe(before);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, changes: { currency: [10] } });
  });

  test('a slot that cannot be advanced after the manifest is advanced by a later run', async () => {
    await hinted.ingested.arm();
    await hinted.ingested.source.run('revoke execute on function totesys_hints.advance(pg_lsn) from hint_reader');
    const before = await hinted.ingested.confirmed();
    await editCurrency(11);
    expect((await hinted.ingested.tick()).result.outcome).toBe('committed');
    expect(await hinted.ingested.confirmed()).toBe(before);
    await hinted.ingested.source.run('grant execute on function totesys_hints.advance(pg_lsn) to hint_reader');
    await editCurrency(12);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: undefined, metrics: nothingMissed });
    expect(await hinted.ingested.confirmed()).toBe(BigInt((await hinted.ingested.newest()).hint!.position!));
  });

  test('without hints a later batch has no state of them, and hints begin again', async () => {
    await hinted.ingested.arm();
    await editCurrency(13);
    await hinted.ingested.tick({ mode: 'off' });
    expect((await hinted.ingested.newest()).hint).toBeUndefined();
    await editCurrency(14);
    expect(await hinted.ingested.tick()).toMatchObject({ refused: 'no-position', changes: { currency: [14] } });
  });
});

describe('with HINTS=off', () => {
  const hinted = eachHintedIngest('off');

  test('a run reads no slot and keeps no state', async () => {
    const { metrics } = await hinted.ingested.tick();
    expect(Object.keys(metrics).filter((name) => /Hint|Wal|Peek/.test(name))).toEqual([]);
    expect((await hinted.ingested.newest()).hint).toBeUndefined();
  });
});
