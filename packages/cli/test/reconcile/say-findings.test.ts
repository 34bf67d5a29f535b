import { Findings } from '../../../reconcile/src/rows/findings.ts';
import { drawCounts, sayExcused } from '../../src/reconcile/say-findings.ts';

const NAMES = ['dim_staff', 'fact_sales_order'];
const head = (findings: Findings) =>
  drawCounts(findings)
    .split('\n')[1]!
    .split('│')
    .slice(1, -1)
    .map((cell) => cell.trim());

test('draws a column of rows that differ for a reason only if there are any', () => {
  const findings = new Findings(NAMES);
  expect(head(findings)).toEqual(['table', 'expected', 'actual', 'missing', 'extra', 'differs']);
  findings.addExcused({ table: 'dim_staff', id: 3, excuse: 'kept' });
  findings.addUnread({ table: 'fact_sales_order', id: 7, kind: 'missing' }, false);
  expect(head(findings)).toEqual(['table', 'expected', 'actual', 'missing', 'extra', 'differs', 'unread', 'kept']);
});

test('names rows in quarantine and held rows as ranges of each table, and counts the rest', () => {
  const findings = new Findings(NAMES);
  for (let id = 1; id <= 990; id++) findings.addExcused({ table: 'fact_sales_order', id, excuse: 'quarantined' });
  for (let id = 5; id <= 35; id += 2) findings.addExcused({ table: 'fact_sales_order', id, excuse: 'held' });
  findings.addExcused({ table: 'dim_staff', id: 3, excuse: 'kept' });
  expect(sayExcused(findings)).toEqual([
    'quarantined: fact_sales_order 1-990',
    'held: fact_sales_order 5,7,9,11,13,15,17,19,21,23',
    '… and 6 more',
  ]);
});
