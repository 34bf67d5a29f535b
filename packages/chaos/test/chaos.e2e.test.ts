import { startCommand } from '../../system-tests/test/built-command.ts';

/** The limit for about sixty processes beside other tests: milliseconds. */
const LIMIT_MS = 600_000;

const runChaos = (args: readonly string[]) => startCommand('totesys-chaos', args).ended;

interface Row {
  readonly what: string;
  readonly points: number;
  readonly kills: number;
  readonly faults: number;
  readonly differences: number;
}

test(
  'a kill of each sort, faults and events leave no difference',
  async () => {
    const { code, json, stderr } = await runChaos(['--short', '--json']);
    expect(json).toMatchObject({ ok: true, failures: [], missed: [] });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const rows = new Map((json.rows as Row[]).map((row) => [row.what, row]));
    for (const stage of ['ingest', 'transform', 'load']) {
      expect(rows.get(stage)).toMatchObject({ differences: 0 });
      expect(rows.get(stage)!.points).toBeGreaterThan(20);
      expect(rows.get(stage)!.kills).toBeGreaterThan(4);
      expect(rows.get(stage)!.faults).toBeGreaterThan(0);
    }
    // The statements of hints, their batch, the slot's advance, and changes that the hint lacks.
    expect(rows.get('ingest, hints')).toMatchObject({ differences: 0 });
    expect(rows.get('ingest, hints')!.kills).toBeGreaterThan(7);
    expect(rows.get('ingest, hints')!.faults).toBeGreaterThan(1);
    expect(rows.get('ingest, hints, no change')).toMatchObject({ kills: 2, differences: 0 });
    expect(json.hintedPoints).toBeGreaterThan(100);
  },
  LIMIT_MS,
);

// Proves that the kit finds bugs: each bug has one point where a kill shows it.
test.each([
  ['manifest before its parts', 'put ingestion _manifests/', 'kill-after', /^the next \w+ fails: OBJECT_MISSING/],
  ['manifest before its parts', 'put processed _manifests/', 'kill-after', /^the next load fails: OBJECT_MISSING/],
  [
    'ledger apart from its rows',
    'insert into etl.ledger',
    'kill-after',
    /^right after the fault the warehouse names batch .* shows other rows/,
  ],
  [
    'slot advanced before its manifest',
    'put ingestion _manifests/',
    'kill',
    /^the slot has advanced to \d+, beyond batch 2/,
    ['--hints', 'slot'],
  ],
])(
  'finds a planted bug: %s, at %s',
  async (bug, at, fault, difference, options: string[] = []) => {
    const found = await runChaos(['--short', '--json', '--bug', bug, '--at', at, '--fault', fault, ...options]);
    expect(found.code).toBe(1);
    expect(found.json).toMatchObject({
      ok: false,
      failures: [
        {
          differences: expect.arrayContaining([expect.stringMatching(difference)]),
          replay: expect.stringMatching(/SEED=1( HINTS=slot)? POINT=\d+/),
        },
      ],
    });
  },
  LIMIT_MS,
);

test('names the fault of a wrong option', async () => {
  const { code, json } = await runChaos(['--fault', 'flood', '--json']);
  expect(code).toBe(2);
  expect(json).toMatchObject({ error: { code: 'USAGE', message: expect.stringContaining('kill-after') } });
});
