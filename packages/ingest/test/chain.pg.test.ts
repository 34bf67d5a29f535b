import { formatBatch, memoryStore, readIngestionManifest } from '@totesys/lake';
import { totesysModel } from '@totesys/schema';
import { storeWith } from '../../lake/test/store-with.ts';
import { countUnread } from '../../source/src/carried/count-unread.ts';
import { createIngestedSource, type IngestedSource } from './ingested-source.ts';

let totesys: IngestedSource;

beforeEach(async () => {
  totesys = await createIngestedSource();
  await totesys.run();
});

afterEach(async () => {
  await totesys.close();
});

describe('a run', () => {
  test('yields while another run holds the source', async () => {
    const other = await totesys.database.sql.reserve();
    await other`select pg_advisory_lock(8389772276738093361)`;
    const [{ pid }] = (await other`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
    expect(await totesys.run()).toMatchObject({
      outcome: 'yielded',
      reason: expect.stringMatching(
        `^another ingest is at work on this source \\(.*process ${pid}, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\\)$`,
      ),
    });
    await other`select pg_advisory_unlock(8389772276738093361)`;
    other.release();
  });

  test('fails while a run holds the source whose session shows no sign of life', async () => {
    const other = await totesys.database.sql.reserve();
    await other`select pg_advisory_lock(8389772276738093361)`;
    const [{ pid }] = (await other`select pg_backend_pid() as pid`) as unknown as [{ pid: number }];
    await expect(totesys.run({ holderLimits: { staleMs: 0, betweenMs: 1 } })).rejects.toMatchObject({
      code: 'LOCK_ABANDONED',
      message: expect.stringMatching(`has been 'idle' without a change.*select pg_terminate_backend\\(${pid}\\)`),
    });
    await other`select pg_advisory_unlock(8389772276738093361)`;
    other.release();
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
  });

  test('chains each manifest to the one before it and starts where that one ended', async () => {
    await totesys.orders(101, 101);
    await totesys.run();
    const first = await readIngestionManifest(totesys.store, 1);
    const second = await readIngestionManifest(totesys.store, 2);
    expect(second.manifest.previous).toBe(first.sha256);
    expect(second.manifest.fence.from).toEqual(first.manifest.fence.to);
  });

  test('discards its run when another one commits the number first, and starts again', async () => {
    await totesys.orders(101, 101);
    const plain = totesys.store;
    let raced = false;
    totesys.store = storeWith(plain, {
      putIfAbsent: async (key, body) => {
        if (key === `_manifests/${formatBatch(2)}.json` && !raced) {
          raced = true;
          await plain.putIfAbsent(key, Buffer.from(Buffer.from(body).toString().replace('"test"', '"other"')));
        }
        return plain.putIfAbsent(key, body);
      },
    });
    expect(await totesys.run()).toMatchObject({ outcome: 'unchanged' });
    totesys.store = plain;
    expect((await totesys.newest()).codeVersion).toBe('other');
  });

  test('reads a source that is not the one before again whole, with known keys kept so that vanished rows are noticed', async () => {
    await totesys.run();
    const key = `_manifests/${formatBatch(1)}.json`;
    const text = Buffer.from(await totesys.store.get(key)).toString();
    const other = memoryStore();
    for (const name of await totesys.objectKeys())
      if (name !== key) await other.putIfAbsent(name, await totesys.store.get(name));
    await other.putIfAbsent(key, Buffer.from(text.replace(/"systemIdentifier": "\d+"/, '"systemIdentifier": "1"')));
    totesys.store = other;
    const unread = await countUnread({ model: totesysModel, source: totesys.database.sql, ingestion: other });
    expect(unread?.filter(({ isCovered }) => isCovered)).toEqual([]);
    await totesys.database.sql`delete from sales_order where sales_order_id = 9`;
    const result = await totesys.run();
    expect(result).toMatchObject({ outcome: 'committed', deleted: 1, complete: true });
    expect(result.warnings.join()).toContain('another history');
    expect(await totesys.keysOf(2, 'sales_order')).toHaveLength(99);
  });
});
