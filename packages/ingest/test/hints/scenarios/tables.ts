import type { Scenario } from './scenario.ts';

const EDIT = `update currency set currency_code = 'TAB', last_updated = clock_timestamp() where currency_id = 1`;
const EDIT_DESIGN = `update design set design_name = 'tab', last_updated = clock_timestamp() where design_id = 2`;

/** Returns a scenario in which the definition of a table changes, without a change of what hints need. */
function altered(name: string, statements: readonly string[], verdict = 'publication-changed'): Scenario {
  return {
    name,
    steps: `
      owner: ${EDIT}
      ${statements.map((statement) => `owner: ${statement}`).join('\n')}
      owner: ${EDIT_DESIGN}
      tick: ${verdict}
      owner: ${EDIT}
      tick: trusted`,
  };
}

/** Returns a scenario in which a run meets a table that cannot be published as it is. */
function unfit(name: string, set: string, { reset, after }: { reset: string; after: string }): Scenario {
  return {
    name: `${name}, as a run finds it`,
    steps: `
      owner: ${set}
      owner: ${after}
      tick: not-set-up
      owner: ${reset}
      owner: ${EDIT_DESIGN}
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  };
}

const INSERT = `insert into currency select max(currency_id) + 1, 'INS', now(), now() from currency`;
const PAYMENT = `
  insert into payment_type values (1, 'SALES_RECEIPT', now(), now()) on conflict do nothing;
  insert into transaction values (95, 'SALE', null, null, now(), now()) on conflict do nothing;
  insert into payment values (95, now(), now(), 95, 1, 1.5, 1, 1, false, '2026-01-01', 1, 1) on conflict do nothing`
  .replaceAll(/\s+/g, ' ')
  .trim();
const PAY = 'update payment set paid = not paid';
const UNLOG = `${PAYMENT}; alter publication totesys_hints drop table payment; alter table payment set unlogged`;
const LOG = 'alter table payment set logged; alter publication totesys_hints add table payment (payment_id)';
const FULL = 'alter table currency replica identity full';
const NOTHING = 'alter table currency replica identity nothing';
const DEFAULT = 'alter table currency replica identity default';
const DROP_KEY = 'alter table currency drop constraint currency_pkey cascade';
const LABEL = 'alter type "PaymentTypeName" rename value';
const UNKEYED = ['sales_order', 'purchase_order', 'payment']
  .map((t) => `alter table ${t} add foreign key (currency_id) references currency on update cascade on delete restrict`)
  .join('; ');
const ADD_KEY = `alter table currency add primary key (currency_id); ${UNKEYED}`;

/** What can happen to the definition and the storage of a table. */
export const TABLES: readonly Scenario[] = [
  altered('VACUUM FULL', ['vacuum full currency']),
  altered('CLUSTER', ['cluster currency using currency_pkey']),
  altered('VACUUM and ANALYZE', ['vacuum (freeze, analyze) currency', 'vacuum freeze pg_class'], 'trusted'),
  altered(
    'REINDEX and a new index',
    ['reindex table currency', 'create index i on currency (currency_code)'],
    'trusted',
  ),
  altered('GRANT', ['grant select on currency to public', 'revoke select on currency from public']),
  altered('a volatile default of a new column, which rewrites the table', [
    'alter table currency add column extra double precision default random()',
    'alter table currency drop column extra',
  ]),
  altered('a constant default of a new column, which rewrites nothing', [
    `alter table currency add column extra text default 'x'`,
    'alter table currency drop column extra',
  ]),
  altered('a type there and back, which rewrites all rows', [
    'alter table currency alter column currency_code type text using lower(currency_code)',
    'alter table currency alter column currency_code type varchar(3)',
  ]),
  altered(
    'a column dropped and added again with a default',
    ['alter table design drop column file_name', `alter table design add column file_name text not null default 'new'`],
    'reads-more',
  ),
  altered('SET UNLOGGED and SET LOGGED', [UNLOG, PAY, LOG]),
  {
    name: 'SET UNLOGGED while the publication names the table, which Postgres refuses',
    steps: `
      refused: alter table payment set unlogged
      owner: ${EDIT}
      tick: trusted`,
  },
  altered('REPLICA IDENTITY NOTHING and DEFAULT, with an insert meanwhile', [NOTHING, INSERT, DEFAULT]),
  altered('REPLICA IDENTITY FULL and DEFAULT, with an insert meanwhile', [FULL, INSERT, DEFAULT]),
  altered('a primary key that is dropped and added again, with an insert meanwhile', [DROP_KEY, INSERT, ADD_KEY]),
  unfit('REPLICA IDENTITY FULL', FULL, { reset: DEFAULT, after: INSERT }),
  unfit('REPLICA IDENTITY NOTHING', NOTHING, { reset: DEFAULT, after: INSERT }),
  unfit('REPLICA IDENTITY USING INDEX', 'alter table currency replica identity using index currency_pkey', {
    reset: DEFAULT,
    after: EDIT,
  }),
  unfit('no primary key', DROP_KEY, { reset: ADD_KEY, after: INSERT }),
  unfit('an unlogged table', UNLOG, { reset: LOG, after: PAY }),
  {
    name: 'a label of an enum that the model does not know, which stops the run',
    steps: `
      owner: ${LABEL} 'SALES_RECEIPT' to 'RECEIPT'
      failing tick: SOURCE_LABEL_UNKNOWN
      owner: ${LABEL} 'RECEIPT' to 'SALES_RECEIPT'
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'labels of an enum that are swapped',
    steps: `
      owner: insert into payment_type values (3, 'SALES_RECEIPT', now(), now())
      tick: trusted
      owner: ${LABEL} 'SALES_RECEIPT' to 'x'
      owner: ${LABEL} 'SALES_REFUND' to 'SALES_RECEIPT'
      owner: ${LABEL} 'x' to 'SALES_REFUND'
      tick: reads-more
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'the key of a table whose rows are published whole, which is on another column for a while',
    steps: `
      owner: alter publication totesys_hints drop table department
      owner: alter publication totesys_hints add table department
      owner: update department set department_name = department_id::text
      tick: publication-changed
      owner: alter table department drop constraint department_pkey cascade
      owner: alter table department add primary key (department_name)
      owner: update department set department_id = 77 where department_id = 5
      owner: alter table department drop constraint department_pkey
      owner: alter table department add primary key (department_id)
      owner: alter table department alter column department_name set not null
      tick: publication-changed
      owner: update department set department_id = 5 where department_id = 77
      tick: trusted`,
    restore: [
      'alter publication totesys_hints drop table department',
      'alter publication totesys_hints add table department (department_id)',
      'alter table staff add foreign key (department_id) references department on update cascade on delete restrict',
    ],
  },
  {
    name: 'a row written and its table altered in one transaction',
    steps: `
      a: begin
      a: ${EDIT}
      a: alter table currency add column extra int
      a: update currency set currency_code = 'ROW' where currency_id = 3
      a: alter table currency drop column extra
      a: update currency set currency_code = 'ROX' where currency_id = 4
      a: commit
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a key column that is renamed while a row is written',
    steps: `
      owner: alter table currency rename column currency_id to id
      owner: update currency set currency_code = 'REN' where id = 5
      owner: alter table currency rename column id to currency_id
      tick: undecodable
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a table that is renamed while a row is written',
    steps: `
      owner: alter table currency rename to old_currency
      owner: update old_currency set currency_code = 'REN' where currency_id = 6
      owner: alter table old_currency rename to currency
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a table that moves to another schema while a row is written',
    steps: `
      owner: create schema elsewhere
      owner: alter table currency set schema elsewhere
      owner: update elsewhere.currency set currency_code = 'MOV' where currency_id = 7
      owner: alter table elsewhere.currency set schema public
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
    restore: ['drop schema elsewhere'],
  },
  {
    name: 'a schema that is renamed while a row is written',
    steps: `
      owner: alter schema public rename to elsewhere
      owner: update elsewhere.currency set currency_code = 'SCH' where currency_id = 8
      owner: alter schema elsewhere rename to public
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'inheritance children',
    steps: `
      owner: create table more_currency () inherits (currency)
      owner: alter table more_currency add primary key (currency_id)
      owner: grant select on more_currency to public
      owner: insert into more_currency values (501, 'INH', now(), now())
      tick: not-set-up
      owner: insert into more_currency values (502, 'INH', now(), now())
      tick: not-set-up
      owner: drop table more_currency
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a table that another one replaces',
    steps: `
      owner: alter table design rename to old_design
      owner: create table design (like old_design including all)
      owner: grant select on design to public
      owner: insert into design select * from old_design where design_id <= 10
      tick: not-set-up
      owner: alter publication totesys_hints add table design (design_id)
      owner: insert into design select * from old_design where design_id = 11
      tick: publication-changed
      owner: ${EDIT_DESIGN}
      tick: trusted`,
  },
];
