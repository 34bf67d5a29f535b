import { compareIdentity } from '../src/source-identity.ts';

interface Seen {
  readonly system?: string;
  readonly database?: string;
  readonly timeline?: number;
  readonly wal?: string;
  readonly xmax?: string;
  readonly inRecovery?: boolean;
}

const seen = ({ system = '7', database = '5', timeline = 1, wal = '1000', xmax = '50', inRecovery = false }: Seen) => ({
  source: { systemIdentifier: system, databaseOid: database, timeline, walPosition: wal, inRecovery },
  fence: { xmin: '40', xmax },
});

const standby = { inRecovery: true };

test.each<[string, Seen, Seen, string]>([
  ['the same primary, further on', {}, { wal: '1001', xmax: '51' }, 'same'],
  ['the same primary, where it was', {}, {}, 'same'],
  ['a primary of a further digit', { wal: '999', xmax: '9' }, { wal: '1000', xmax: '10' }, 'same'],
  ['another cluster', {}, { system: '8' }, 'new-history'],
  ['another cluster, as a standby of its own', {}, { ...standby, system: '8', wal: '9' }, 'new-history'],
  ['another database', {}, { database: '6' }, 'new-history'],
  ['a primary whose WAL is behind', {}, { wal: '999' }, 'new-history'],
  ['a primary that gives out ids again', {}, { wal: '2000', xmax: '49' }, 'new-history'],
  ['a primary that was promoted', {}, { timeline: 2, wal: '2000', xmax: '60' }, 'new-history'],
  ['the primary that was failed over from', { timeline: 2 }, { timeline: 1, wal: '2000', xmax: '60' }, 'new-history'],
  ['its standby, caught up', {}, standby, 'same'],
  ['its standby, further on', {}, { ...standby, wal: '1001' }, 'same'],
  ['its standby, behind in WAL', {}, { ...standby, wal: '999' }, 'behind'],
  ['its standby, behind in transactions', {}, { ...standby, xmax: '49' }, 'behind'],
  ['the primary after its standby', standby, { wal: '1000' }, 'same'],
  ['a standby of a promoted one', {}, { ...standby, timeline: 2, wal: '2000' }, 'new-history'],
  ['a standby of a promoted one, behind', {}, { ...standby, timeline: 2, wal: '999' }, 'behind'],
  // It may follow the old history, or the new one and show so late: a look later tells.
  ['a standby that shows an older timeline', { timeline: 2 }, { ...standby, timeline: 1, wal: '2000' }, 'behind'],
])('%s', (_what, before, now, continuity) => {
  const { source, fence } = seen(before);
  expect(compareIdentity({ source, fence: { from: null, to: fence } }, seen(now))).toBe(continuity);
});
