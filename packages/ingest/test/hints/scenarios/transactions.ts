import type { Scenario } from './scenario.ts';

/** Transactions that stay open, nest, abort or are prepared. */
export const TRANSACTIONS: readonly Scenario[] = [
  {
    name: 'a transaction that is open during several ticks',
    steps: `
      a: begin
      a: update currency set currency_code = 'LNG' where currency_id = 1
      owner: update currency set currency_code = 'SHT' where currency_id = 2
      tick: trusted
      owner: update currency set currency_code = 'SHU' where currency_id = 2
      tick: trusted
      a: update design set design_name = 'long' where design_id = 1
      quiet tick: trusted
      a: commit
      tick: trusted
      quiet tick: trusted`,
  },
  {
    name: 'an open transaction that is older than all others, and one that commits before it',
    steps: `
      a: begin
      a: update currency set currency_code = 'OLD' where currency_id = 3
      b: begin
      b: update currency set currency_code = 'NEW' where currency_id = 4
      quiet tick: trusted
      b: commit
      tick: trusted
      a: commit
      tick: trusted`,
  },
  {
    name: 'a transaction that aborts after a tick',
    steps: `
      a: begin
      a: update currency set currency_code = 'ABO' where currency_id = 5
      owner: update currency set currency_code = 'KEP' where currency_id = 6
      tick: trusted
      a: rollback
      quiet tick: trusted`,
  },
  {
    name: 'savepoints, one of them rolled back',
    steps: `
      a: begin
      a: update currency set currency_code = 'TOP' where currency_id = 7
      a: savepoint s
      a: update currency set currency_code = 'SUB' where currency_id = 8
      a: release savepoint s
      a: savepoint s
      a: update currency set currency_code = 'NOT' where currency_id = 9
      a: rollback to savepoint s
      quiet tick: trusted
      a: update currency set currency_code = 'YES' where currency_id = 10
      a: commit
      tick: trusted`,
  },
  {
    name: 'a transaction whose only rows are of subtransactions',
    steps: `
      a: begin
      a: savepoint s
      a: update design set design_name = 'sub' where design_id = 2
      a: savepoint t
      a: update design set design_name = 'subsub' where design_id = 3
      quiet tick: trusted
      a: release savepoint s
      quiet tick: trusted
      a: commit
      tick: trusted`,
  },
  {
    name: 'more subtransactions than a snapshot lists',
    steps: `
      a: begin
      a: do $$ begin for i in 300 .. 400 loop begin insert into currency values (i, 'SUB', now(), now()); exception when division_by_zero then null; end; end loop; end $$
      owner: update currency set currency_code = 'BES' where currency_id = 11
      tick: trusted
      a: commit
      tick: trusted
      owner: delete from currency where currency_id >= 300
      tick: trusted`,
  },
  {
    name: 'a prepared transaction that is committed after two ticks',
    steps: `
      a: begin
      a: update currency set currency_code = 'PRE' where currency_id = 12
      a: prepare transaction 'kept'
      owner: update currency set currency_code = 'BES' where currency_id = 13
      tick: trusted
      quiet tick: trusted
      owner: commit prepared 'kept'
      tick: trusted`,
  },
  {
    name: 'a prepared transaction that is committed before a tick, and one that is rolled back',
    steps: `
      a: begin
      a: savepoint s
      a: update currency set currency_code = 'PRS' where currency_id = 14
      a: prepare transaction 'soon'
      b: begin
      b: update currency set currency_code = 'PRN' where currency_id = 15
      b: prepare transaction 'never'
      owner: commit prepared 'soon'
      tick: trusted
      owner: rollback prepared 'never'
      quiet tick: trusted`,
  },
  {
    name: 'a transaction that changes a row which a later one changes again',
    steps: `
      a: begin
      a: insert into design values (301, now(), 'first', '/a', 'b', now())
      owner: update design set design_name = 'other' where design_id = 4
      tick: trusted
      a: commit
      owner: update design set design_name = 'second' where design_id = 301
      tick: trusted
      owner: delete from design where design_id = 301
      tick: trusted`,
  },
  {
    name: 'a transaction that only reads, and one with an id but no row',
    steps: `
      a: begin isolation level repeatable read
      a: select count(*) from currency
      b: begin
      b: select pg_current_xact_id()
      owner: update currency set currency_code = 'RDR' where currency_id = 16
      tick: trusted
      owner: update currency set currency_code = 'RDS' where currency_id = 16
      tick: trusted
      a: commit
      b: commit
      quiet tick: trusted`,
  },
  {
    name: 'a large transaction that is open while small ones commit',
    steps: `
      a: begin
      a: insert into design select g, now(), 'bulk', '/a', 'b', now() from generate_series(1000, 3000) g
      owner: update design set design_name = 'small' where design_id = 5
      tick: trusted
      a: commit
      tick: trusted
      owner: delete from design where design_id >= 1500
      failing tick: DELETES_UNUSUAL
      owner: insert into design select g, now(), 'bulk', '/a', 'b', now() from generate_series(1500, 3000) g
      tick: trusted`,
  },
];
