import type { Scenario } from './scenario.ts';

const NEW_CURRENCY = 'insert into currency (currency_id, currency_code, created_at, last_updated)';
const NEW_DESIGN = 'insert into design (design_id, design_name, file_location, file_name, created_at, last_updated)';

/** Rows that statements write, move and delete. */
export const WRITES: readonly Scenario[] = [
  {
    name: 'an insert, an update and a delete',
    steps: `
      owner: ${NEW_CURRENCY} values (100, 'EUR', now(), now())
      owner: update currency set currency_code = 'USD' where currency_id in (1, 2)
      tick: trusted
      owner: delete from currency where currency_id = 100
      tick: trusted
      quiet tick: trusted`,
  },
  {
    name: 'a row that comes and goes between two ticks',
    steps: `
      owner: ${NEW_CURRENCY} values (101, 'EUR', now(), now())
      owner: delete from currency where currency_id = 101
      quiet tick: trusted
      owner: ${NEW_CURRENCY} values (101, 'EUR', now(), now())
      tick: trusted
      owner: delete from currency where currency_id = 101
      owner: ${NEW_CURRENCY} values (101, 'USD', now(), now())
      tick: trusted
      owner: delete from currency where currency_id = 101
      tick: trusted`,
  },
  {
    name: 'an update that writes the same values',
    steps: `
      owner: update design set design_name = design_name where design_id = 4
      tick: trusted`,
  },
  {
    name: 'a key that changes',
    steps: `
      owner: update currency set currency_id = 130 where currency_id = 3
      tick: trusted
      owner: update currency set currency_id = 3 where currency_id = 130
      tick: trusted`,
  },
  {
    name: 'keys that two rows swap in one transaction',
    steps: `
      a: begin
      a: update design set design_name = 'five' where design_id = 5
      a: update design set design_id = -1 where design_id = 5
      a: update design set design_id = 5 where design_id = 6
      a: update design set design_id = 6 where design_id = -1
      a: commit
      tick: trusted`,
  },
  {
    name: 'a key that another row takes over in the same transaction',
    steps: `
      a: begin
      a: delete from currency where currency_id = 7
      a: update currency set currency_id = 7 where currency_id = 8
      a: commit
      tick: trusted`,
  },
  {
    name: 'a key update that cascades to the rows that refer to it',
    steps: `
      owner: update address set address_id = 140 where address_id = 9
      tick: trusted
      owner: delete from counterparty where legal_address_id = 140
      owner: delete from address where address_id = 140
      tick: trusted`,
  },
  {
    name: 'a delete that sets a reference to null',
    steps: `
      owner: insert into department values (90, 'sales', 'Leeds', null, now(), now()) on conflict do nothing
      owner: insert into staff values (90, 'first', 'last', 90, 'e', now(), now()) on conflict do nothing
      owner: insert into sales_order values (90, now(), now(), 1, 90, 1, 5, 1.25, 1, '2026-01-01', '2026-01-01', 1)
      owner: insert into transaction values (90, 'SALE', 90, null, now(), now())
      tick: trusted
      owner: delete from sales_order where sales_order_id = 90
      tick: trusted
      owner: delete from transaction where transaction_id = 90
      tick: trusted`,
  },
  {
    name: 'triggers that write to another table',
    steps: `
      owner: create function touch() returns trigger language plpgsql as $$ begin update design set file_name = 'touched' where design_id = 10; return null; end $$
      owner: create trigger touch after update on department for each row execute function touch()
      owner: update department set manager = 'other' where department_id = 1
      tick: trusted`,
    restore: ['drop function touch() cascade'],
  },
  {
    name: 'MERGE that updates, inserts and deletes',
    steps: `
      owner: merge into currency c using (values (1, 'AAA'), (150, 'BBB')) v (id, code) on c.currency_id = v.id when matched then update set currency_code = v.code when not matched then insert values (v.id, v.code, now(), now())
      tick: trusted
      owner: merge into currency c using (values (150), (12)) v (id) on c.currency_id = v.id when matched and v.id = 150 then delete when matched then update set currency_code = 'CCC'
      tick: trusted`,
  },
  {
    name: 'INSERT with ON CONFLICT DO UPDATE and DO NOTHING',
    steps: `
      owner: ${NEW_CURRENCY} values (2, 'XXX', now(), now()), (160, 'YYY', now(), now()) on conflict (currency_id) do update set currency_code = excluded.currency_code
      tick: trusted
      owner: ${NEW_CURRENCY} values (2, 'ZZZ', now(), now()) on conflict do nothing
      quiet tick: trusted
      owner: delete from currency where currency_id = 160
      tick: trusted`,
  },
  {
    name: 'row locks, which change no row',
    steps: `
      a: begin
      a: select from currency for update
      a: select from design for key share
      quiet tick: trusted
      a: update currency set currency_code = 'LCK' where currency_id = 13
      a: commit
      tick: trusted`,
  },
  {
    name: 'a row that two sessions lock and one of them changes',
    steps: `
      a: begin
      a: select from design where design_id = 14 for key share
      b: begin
      b: select from design where design_id = 14 for key share
      b: update design set design_name = 'both' where design_id = 14
      quiet tick: trusted
      b: commit
      tick: trusted
      a: commit
      quiet tick: trusted`,
  },
  {
    name: 'COPY',
    steps: `
      owner: copy currency from program 'printf "170,EUR,2026-01-01,2026-01-01\\n171,USD,2026-01-01,2026-01-01\\n"' (format csv)
      tick: trusted
      owner: delete from currency where currency_id > 160
      tick: trusted`,
  },
  {
    name: 'COPY FREEZE into a table that the transaction truncates',
    steps: `
      a: begin
      a: truncate design cascade
      a: copy design from program 'printf "1,2026-01-01,frozen,/a,b,2026-01-01\\n180,2026-01-01,frozen,/a,b,2026-01-01\\n"' (format csv, freeze)
      a: commit
      tick: publication-changed
      owner: ${NEW_DESIGN} values (181, 'name', '/a', 'b', now(), now())
      tick: trusted`,
  },
  {
    name: 'writes with session_replication_role = replica, which runs no triggers',
    steps: `
      a: set session_replication_role = replica
      a: update address set address_id = 190 where address_id = 15
      a: update address set address_id = 15 where address_id = 190
      a: update counterparty set delivery_contact = 'replica' where counterparty_id = 15
      a: reset session_replication_role
      tick: trusted`,
  },
  {
    name: 'writes of a replication origin',
    steps: `
      owner: select pg_replication_origin_create('elsewhere')
      a: select pg_replication_origin_session_setup('elsewhere')
      a: begin
      a: select pg_replication_origin_xact_setup('0/1234', now())
      a: update currency set currency_code = 'ORI' where currency_id = 16
      a: commit
      a: select pg_replication_origin_session_reset()
      tick: trusted`,
    restore: [`select pg_replication_origin_drop('elsewhere')`],
  },
  {
    name: 'an asynchronous commit, which a slow server may not have flushed in time',
    steps: `
      owner: update currency set currency_code = 'ASY' from (select set_config('synchronous_commit', 'off', true)) s where currency_id = 17
      tick: trusted or not-flushed
      quiet tick: trusted`,
  },
  {
    name: 'a logical message in a transaction, and one outside',
    steps: `
      a: begin
      a: select pg_logical_emit_message(true, 'note', 'inside')
      a: update currency set currency_code = 'MSG' where currency_id = 18
      a: commit
      owner: select pg_logical_emit_message(false, 'note', 'outside')
      tick: trusted`,
  },
  {
    name: 'tables that the model does not have, in any number of transactions',
    steps: `
      owner: insert into _prisma_migrations values ('x', 'y', now()) on conflict do nothing
      owner: create table if not exists other (id int primary key)
      owner: insert into other values (1) on conflict do nothing
      quiet tick: trusted`,
    restore: ['drop table other'],
  },
];
