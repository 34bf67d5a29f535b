import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTotesys } from './built-command.ts';

test('whoever stops reading, as head does, changes neither what is done nor the exit code', async () => {
  const lake = await mkdtemp(join(tmpdir(), 'lake-'));
  try {
    for (const [args, code] of [
      [['--help'], 0],
      [['quarantine', 'list', '--lake', lake], 0],
      [['batch', 'show', '1', '--lake', lake, '--json'], 1],
    ] as const) {
      const { child, ended, said } = startTotesys(args);
      child.stdout?.destroy();
      expect({ args, code: (await ended).code }).toEqual({ args, code });
      expect(said.stderr).not.toMatch(/EPIPE|node:/);
    }
  } finally {
    await rm(lake, { recursive: true });
  }
});
