import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestKey } from '@totesys/lake';
import { createTestDatabase, populate, unstampedEdit } from '@totesys/sandbox';
import { totesys } from '../../../system-tests/test/built-command.ts';
import { createPipeline } from '../../../system-tests/test/pipeline.ts';

test('a rebuild stops before a lost manifest, and the error names what to restore', async () => {
  const pipeline = await createPipeline();
  const fresh = await createTestDatabase();
  try {
    await populate(pipeline.source.sql, { seed: 3, salesOrders: 20, purchaseOrders: 5 });
    await pipeline.run();
    for (let batch = 2; batch <= 3; batch++) {
      await pipeline.source.sql.begin((sql) => unstampedEdit(sql));
      await pipeline.run();
    }
    const processed = join(pipeline.lake, 'processed');
    await rm(join(processed, manifestKey(2)));
    const { code, json } = await totesys(['rebuild', '--json', '--processed', processed], { WAREHOUSE_URL: fresh.url });
    expect({ code, json }).toEqual({
      code: 1,
      json: {
        ok: false,
        error: {
          code: 'OBJECT_MISSING',
          message: expect.stringMatching(/^Batch 2 .*Restore '_manifests\/0000000002.json'/),
        },
      },
    });
    expect(await fresh.sql`select batch from etl.ledger`).toEqual([{ batch: 1 }]);
  } finally {
    await pipeline.close();
    await fresh.drop();
  }
});
