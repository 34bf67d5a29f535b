import type { HintMode } from '@totesys/ingest';
import { Effects } from '../src/effects.ts';
import { planTrials, type SurveyedScenario } from '../src/plan-trials.ts';
import { killsOf } from '../src/plans.ts';

const effects = new Effects(undefined);
effects.record('statement', 'select 1');
effects.record('statement', 'begin');
for (let row = 0; row < 30; row++) effects.record('statement', 'insert into etl.ledger');
effects.record('copy-in', 'rows of copy fact_payment');
effects.record('get', 'get processed fact_payment/');
effects.record('put', 'put processed _manifests/');
effects.record('statement', 'commit');

const load = { index: 2, stage: 'load', moment: 'next', effects: effects.seen, offset: 100 } as const;
const planFor = (scenario: Omit<SurveyedScenario, 'choice'>, seed: number, mode: HintMode = 'off') =>
  planTrials({ ...scenario, choice: { seed, mode } }, 'share');
const replays = (seed: number) => planFor(load, seed).map(({ replay }) => replay);

test('twenty seeds kill at every point that there is', () => {
  const struck = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    for (const replay of replays(seed)) struck.add(replay.replace(/SEED=\d+ /, ''));
  }
  for (const { point, fault } of killsOf('load', effects.seen)) {
    expect(struck).toContain(`make chaos POINT=${100 + point}${fault === 'kill' ? '' : ` FAULT=${fault}`}`);
  }
});

test('the same seed tries the same, another seed something else', () => {
  expect(replays(3)).toEqual(replays(3));
  expect(replays(3)).not.toEqual(replays(4));
});

test('a statement that only reads is killed before it alone', () => {
  const faults = (point: number) => killsOf('load', effects.seen).filter((plan) => plan.point === point);
  expect(faults(1).map(({ fault }) => fault)).toEqual(['kill']);
  expect(faults(36).map(({ fault }) => fault)).toEqual(['kill', 'kill-after']);
  expect(faults(35).map(({ fault }) => fault)).toEqual(['kill', 'kill-during', 'kill-after']);
});

test('strikes the effect of that name, not whatever comes at its number', () => {
  const effect = effects.seen[10]!;
  const struck = new Effects({ point: 11, effect, fault: 'cut' });
  for (let row = 0; row < effect.nth - 1; row++) struck.record('statement', effect.label);
  for (let row = 0; row < 20; row++) expect(struck.record('statement', 'select 1')).toBeUndefined();
  expect(struck.isInjected).toBe(false);
  expect(struck.record('statement', effect.label)).toBe('cut');
  expect(struck.record('statement', effect.label)).toBeUndefined();
});

const hinted = new Effects(undefined);
hinted.record('statement', 'select s.plugin::text as plugin');
hinted.record('statement', 'copy ( select \'…\'::xid, 0, message from "totesys_hints"."peek"(');
hinted.record('peek', 'rows of copy ( select \'…\'::xid, 0, message from "totesys_hints"."peek"(');
hinted.record('put', 'put ingestion _manifests/');
hinted.record('statement', 'select "totesys_hints"."advance"($1::pg_lsn)');
const ingest = { index: 0, stage: 'ingest', moment: 'next', effects: hinted.seen, offset: 0 } as const;

test('a process is killed before and after it advances the slot', () => {
  const advances = killsOf('ingest', hinted.seen).filter(({ point }) => point === 5);
  expect(advances.map(({ fault }) => fault)).toEqual(['kill', 'kill-after']);
});

test('each seed hides changes from one run that trusts its hint, and the slot is then kept', () => {
  const replay = 'make chaos SEED=5 HINTS=slot POINT=3 FAULT=unseen';
  expect(planFor(ingest, 5, 'slot')).toContainEqual(expect.objectContaining({ replay, loss: 'kept' }));
  expect(planFor({ ...ingest, moment: 'first' }, 5, 'slot').map((trial) => trial.replay)).not.toContain(replay);
});

test('of the trials with hints some lose the slot, the same ones each time', () => {
  const losses = (mode: HintMode) =>
    planTrials({ ...ingest, choice: { seed: 1, mode } }, 'all').map(({ loss }) => loss);
  expect(new Set(losses('slot'))).toEqual(new Set(['kept', 'consumed', 'dropped']));
  expect(losses('slot')).toEqual(losses('slot'));
  expect(new Set(losses('off'))).toEqual(new Set(['kept']));
});
