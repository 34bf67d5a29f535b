import type { RunMemory } from '../../src/ingest.ts';
import { recordStatements } from '../idle/quiet-server.ts';
import { eachHintedIngest, type TickOptions } from './hinted-ingest.ts';

const hinted = eachHintedIngest('slot');

beforeEach(() => hinted.ingested.arm());

const run = (...statements: string[]) => hinted.ingested.source.run(...statements);
const editCurrency = (id: number) => run(`update currency set currency_code = 'EUR' where currency_id = ${id}`);

describe('an idle run', () => {
  // The statements that ingest sends, without those that begin and end transactions.
  const statementsOf = async (options: TickOptions) => {
    const { pool, statements } = recordStatements(hinted.ingested.source.reader);
    const tick = await hinted.ingested.tick({ ...options, source: pool });
    return { ...tick, count: statements.filter((text) => !/^(begin|commit|rollback)\b/.test(text)).length };
  };

  test('asks the source and the slot, and reports the WAL that the slot keeps', async () => {
    const memory: RunMemory = {};
    await hinted.ingested.tick({ memory });
    expect(await statementsOf({ memory })).toMatchObject({
      count: 2,
      result: { outcome: 'unchanged' },
      metrics: { RetainedWalBytes: expect.any(Number) },
    });
  });

  test('ends when an audit is due after a run that followed a hint', async () => {
    const memory: RunMemory = {};
    await editCurrency(5);
    await hinted.ingested.tick({ memory });
    expect((await statementsOf({ memory })).count).toBe(2);
    expect(await hinted.ingested.tick({ memory, auditMs: 0 })).toMatchObject({ refused: 'audit' });
    // The audit has scanned, so nothing is left to find.
    expect((await statementsOf({ memory, auditMs: 0 })).count).toBe(2);
  });

  test('ends while the slot keeps WAL that only a batch releases', async () => {
    await run('create table noise (id int, filler text)', `insert into noise select 0, 'x'`);
    const memory: RunMemory = {};
    await hinted.ingested.tick({ memory });
    expect((await statementsOf({ memory })).count).toBe(2);
    await run(`insert into noise select g, repeat('x', 1500) from generate_series(1, 200000) g`);
    await hinted.ingested.tick({ memory, mode: 'off' });
    expect(await hinted.ingested.tick({ memory })).toMatchObject({ result: { outcome: 'committed', rows: 0 } });
    expect((await statementsOf({ memory })).count).toBe(2);
  });
});
