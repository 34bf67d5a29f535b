import { populate } from '@totesys/sandbox';
import { startTotesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline, expectEqual } from '../../../system-tests/test/pipeline.ts';

test('a reader that closes the pipe early, as head does, changes neither the effect nor the exit code', async () => {
  const pipeline = await createPipeline();
  try {
    await populate(pipeline.source.sql, { seed: 5, salesOrders: 50, purchaseOrders: 20 });
    const { places } = pipeline;
    const { child, ended, said } = startTotesys(['run'], places);
    child.stdout?.destroy();
    expect({ code: (await ended).code, stderr: said.stderr }).toEqual({ code: 0, stderr: '' });
    await expectEqual(pipeline);
  } finally {
    await pipeline.close();
  }
});
