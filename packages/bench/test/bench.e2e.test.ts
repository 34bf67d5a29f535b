import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCommand } from '../../system-tests/test/built-command.ts';
import { parseResult } from '../src/report/result.ts';
import { measure, resultWith } from './report/results.ts';

/** The limit for about thirty processes beside other tests: milliseconds. */
const LIMIT_MS = 300_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-'));
});
afterAll(() => rm(folder, { recursive: true }));

const bench = (...args: string[]) => startCommand('totesys-bench', args).ended;

test(
  'a small bench measures the stages, ticks and growth, and compares them with an earlier run',
  async () => {
    const earlier = join(folder, 'earlier.json');
    await writeFile(earlier, JSON.stringify(resultWith([{ ...measure('run, no change', 9, 7) }])));
    const sizes = ['--rows', '3000', '--small-rows', '600', '--repeats', '1', '--batches', '10'];
    const { code, json, stderr } = await bench('--json', ...sizes, '--out', folder, '--compare', earlier);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stderr).toMatch(/ticks +│ run, no change │ 7\.00 → [\d.]+ × floor/);
    expect((await readdir(folder)).sort()).toEqual(['earlier.json', 'stages.json', 'stages.svg']);
    const result = parseResult(await readFile(join(folder, 'stages.json'), 'utf8'));
    expect(json).toMatchObject({ ok: true, result: { rows: 3000 } });
    expect(result.measures.map(({ group, name }) => `${group}: ${name}`)).toEqual([
      'first load: floor: pipes',
      'first load: floor: COPY to null',
      'first load: ingest',
      'first load: transform',
      'first load: load',
      'first load: run, all stages',
      ...[
        'ticks',
        'ticks with hints',
        'ticks of the smaller source',
        'ticks after 10 batches',
        'ticks of the smaller source with hints',
      ].flatMap((group) =>
        ['floor: count(*)', 'ingest, no change', 'run, no change', 'run, 200 changes'].map(
          (name) => `${group}: ${name}`,
        ),
      ),
    ]);
    for (const { name, seconds, clientCpuSeconds, peakMegabytes, ratio } of result.measures) {
      for (const spread of [seconds, clientCpuSeconds, peakMegabytes]) expect(spread!.median).toBeGreaterThan(0);
      expect(ratio === undefined).toBe(name.startsWith('floor: '));
    }
    for (const bytes of Object.values(result.bytes)) expect(bytes).toBeGreaterThan(0);
  },
  LIMIT_MS,
);

test(
  'a small bench of the proof measures each size beside a scan, with the rows read and the requests',
  async () => {
    const sizes = ['--rows', '600,1200', '--repeats', '1'];
    const { code, stderr } = await bench('proof', '--json', ...sizes, '--out', folder);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const result = parseResult(await readFile(join(folder, 'proof.json'), 'utf8'));
    expect(result.measures.map(({ group, name }) => `${group}: ${name}`)).toEqual(
      ['600', '1,200'].flatMap((rows) =>
        ['floor: count(*)', 'the first proof', 'proof, no change', 'proof after 200 changes'].map(
          (name) => `a source of ${rows} rows: ${name}`,
        ),
      ),
    );
    for (const { name, outcome, ratio, peakMegabytes } of result.measures) {
      if (name.startsWith('floor: ')) continue;
      expect(ratio!.median).toBeGreaterThan(0);
      expect(peakMegabytes!.median).toBeGreaterThan(0);
      const [compared, read, requests] = outcome!.split(' / ').map((figure) => Number(figure.replaceAll(',', '')));
      // Each row that the proof computes is read in the source, and each proof writes its result.
      expect(read).toBeGreaterThan(compared! / 2);
      expect(requests).toBeGreaterThan(0);
    }
  },
  LIMIT_MS,
);

test.each([
  [['--rows', 'many'], "--rows is not a number: expected an integer from 100, got 'many'."],
  [['--small-rows', '1'], "--small-rows is not a number: expected an integer from 100, got '1'."],
  [['peers', '--limit-seconds', '0'], "--limit-seconds is not a number: expected an integer from 1, got '0'."],
  [['proof', '--rows', '5000,many'], "--rows has 'many': expected integers from 100"],
  [['--compare', 'missing.json'], 'missing.json is not a result of the bench'],
])('%j is a wrong use', async (args, message) => {
  const { code, stderr } = await bench(...args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
});
