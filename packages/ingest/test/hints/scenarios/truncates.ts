import type { Scenario } from './scenario.ts';

const EDIT = `update currency set currency_code = 'TRU', last_updated = clock_timestamp() where currency_id = 1`;

/** Tables that are truncated. */
export const TRUNCATES: readonly Scenario[] = [
  {
    name: 'TRUNCATE',
    steps: `
      owner: truncate counterparty cascade
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'TRUNCATE, with rows that come again in the same transaction',
    steps: `
      a: begin
      a: create temp table kept on commit drop as select * from design
      a: truncate design cascade
      a: insert into design select * from kept where design_id <> 4
      a: commit
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'TRUNCATE that is rolled back',
    steps: `
      a: begin
      a: truncate counterparty cascade
      a: rollback
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'TRUNCATE that the publication does not publish',
    steps: `
      owner: alter publication totesys_hints set (publish = 'insert, update, delete')
      owner: truncate design cascade
      owner: alter publication totesys_hints set (publish = 'insert, update, delete, truncate')
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'TRUNCATE RESTART IDENTITY, with the same keys again',
    steps: `
      owner: truncate design restart identity cascade
      owner: insert into design (design_name, file_location, file_name, last_updated) values ('again', '/a', 'b', now())
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
];
