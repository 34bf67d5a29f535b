import { compareIdentity } from '../../src/snapshot/source-identity.ts';

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

test.each<[string, string, Seen, Seen]>([
  ['the same primary, further on', 'same', {}, { wal: '1001', xmax: '51' }],
  ['the same primary, where it was', 'same', {}, {}],
  ['a primary of a further digit', 'same', { wal: '999', xmax: '9' }, { wal: '1000', xmax: '10' }],
  ['another cluster', 'new-history', {}, { system: '8' }],
  ['another cluster, as a standby of its own', 'new-history', {}, { ...standby, system: '8', wal: '9' }],
  ['another database', 'new-history', {}, { database: '6' }],
  ['a primary whose WAL is behind', 'new-history', {}, { wal: '999' }],
  ['a primary that assigns ids again', 'new-history', {}, { wal: '2000', xmax: '49' }],
  ['a primary that was promoted', 'new-history', {}, { timeline: 2, wal: '2000', xmax: '60' }],
  ['the primary that was failed over from', 'new-history', { timeline: 2 }, { timeline: 1, wal: '2000', xmax: '60' }],
  ['its standby, caught up', 'same', {}, standby],
  ['its standby, further on', 'same', {}, { ...standby, wal: '1001' }],
  ['its standby, behind in WAL', 'behind', {}, { ...standby, wal: '999' }],
  ['its standby, behind in transactions', 'behind', {}, { ...standby, xmax: '49' }],
  ['the primary after its standby', 'same', standby, { wal: '1000' }],
  ['a standby of a promoted one', 'new-history', {}, { ...standby, timeline: 2, wal: '2000' }],
  ['a standby of a promoted one, behind', 'behind', {}, { ...standby, timeline: 2, wal: '999' }],
  // It may follow the old history, or the new one and show so late: a later run decides.
  ['a standby that shows an older timeline', 'behind', { timeline: 2 }, { ...standby, timeline: 1, wal: '2000' }],
])('%s: %s', (_what, continuity, before, now) => {
  const { source, fence } = seen(before);
  expect(compareIdentity({ source, fence: { from: null, to: fence } }, seen(now))).toBe(continuity);
});
