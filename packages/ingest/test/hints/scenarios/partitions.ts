import type { Scenario } from './scenario.ts';

/** Statements that make `design` a partitioned table, before hints are set up; one leaf has its columns in another order. */
export const PARTITIONED: readonly string[] = [
  'alter table design rename to old_design',
  'alter sequence design_design_id_seq owned by none',
  'alter table sales_order drop constraint sales_order_design_id_fkey',
  'create table design (like old_design including defaults, primary key (design_id)) partition by range (design_id)',
  'create table design_low partition of design for values from (0) to (100)',
  `create table design_mid (file_name text not null, gone int, last_updated timestamp(3) not null,
     design_name text not null, design_id int not null, file_location text not null,
     created_at timestamp(3) not null default current_timestamp)`,
  'alter table design_mid drop column gone',
  'alter table design attach partition design_mid for values from (100) to (200)',
  'create table design_high partition of design for values from (200) to (1000) partition by range (design_id)',
  'create table design_high_1 partition of design_high for values from (200) to (300)',
  'insert into design select * from old_design',
  `insert into design select g, now(), 'leaf', '/a', 'b', now() from generate_series(150, 250) g`,
  'drop table old_design',
  'grant select on all tables in schema public to hint_reader',
];

const EDIT = `update design set design_name = 'par', last_updated = clock_timestamp() where design_id in (1, 150, 250)`;

/** A partitioned table, with partitions of partitions. */
export const PARTITIONS: readonly Scenario[] = [
  {
    name: 'rows of all partitions',
    steps: `
      owner: ${EDIT}
      tick: trusted
      owner: delete from design where design_id in (151, 251)
      owner: insert into design values (151, now(), 'new', '/a', 'b', now()), (252, now(), 'new', '/a', 'b', now()) on conflict do nothing
      tick: trusted`,
  },
  {
    name: 'rows written through their leaves',
    steps: `
      owner: update design_mid set design_name = 'leaf' where design_id = 152
      owner: update design_high_1 set design_name = 'leaf' where design_id = 253
      owner: delete from design_mid where design_id = 153
      owner: insert into design_high values (299, now(), 'leaf', '/a', 'b', now()) on conflict do nothing
      tick: trusted`,
  },
  {
    name: 'rows that move between partitions',
    steps: `
      owner: update design set design_id = 60 where design_id = 154
      owner: update design set design_id = 110 where design_id = 254
      tick: trusted
      owner: update design set design_id = 154 where design_id = 60
      tick: trusted`,
  },
  {
    name: 'a partition that is created, and its rows',
    steps: `
      owner: create table design_high_2 partition of design_high for values from (300) to (400)
      owner: insert into design values (300, now(), 'new', '/a', 'b', now())
      tick: publication-changed
      owner: insert into design_high_2 values (301, now(), 'new', '/a', 'b', now())
      tick: trusted
      owner: drop table design_high_2
      tick: publication-changed`,
  },
  {
    name: 'a table with rows that is attached, and detached',
    steps: `
      owner: create table design_more (like design including all)
      owner: insert into design_more values (1400, now(), 'old', '/a', 'b', now())
      owner: ${EDIT}
      tick: trusted
      owner: alter table design attach partition design_more for values from (1000) to (2000)
      tick: reads-more
      owner: insert into design_more values (1401, now(), 'new', '/a', 'b', now())
      tick: trusted`,
    restore: ['drop table design_more'],
  },
  {
    name: 'a partition that is detached',
    steps: `
      owner: alter table design detach partition design_mid
      tick: publication-changed
      owner: update design_mid set design_name = 'apart' where design_id = 155
      owner: ${EDIT}
      tick: trusted
      owner: alter table design attach partition design_mid for values from (100) to (200)
      tick: reads-more
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a partition that is detached, written and attached again between two ticks',
    steps: `
      owner: alter table design detach partition design_mid
      owner: update design_mid set design_name = 'apart' where design_id = 156
      owner: delete from design_mid where design_id = 157
      owner: alter table design attach partition design_mid for values from (100) to (200)
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a partition that is truncated',
    steps: `
      owner: truncate design_high_1
      tick: publication-changed
      owner: insert into design values (250, now(), 'new', '/a', 'b', now())
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a partition that is unlogged',
    steps: `
      owner: alter table design_mid set unlogged
      owner: update design_mid set design_name = 'unlogged' where design_id = 158
      tick: not-set-up
      owner: alter table design_mid set logged
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a publication of leaves, which Postgres refuses beside lists of columns',
    steps: `
      refused: alter publication totesys_hints set (publish_via_partition_root = false)
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a publication of whole rows of leaves, set and reset between two ticks',
    steps: `
      owner: alter publication totesys_hints drop table design
      owner: alter publication totesys_hints set (publish_via_partition_root = false)
      owner: alter publication totesys_hints add table design
      owner: ${EDIT}
      tick: not-set-up
      owner: ${EDIT}
      owner: alter publication totesys_hints set (publish_via_partition_root = true)
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
    restore: [
      'alter publication totesys_hints drop table design',
      'alter publication totesys_hints add table design (design_id)',
    ],
  },
  {
    name: 'a partition that a publication of its own filters',
    steps: `
      owner: alter publication totesys_hints add table design_mid (design_id) where (design_id > 190)
      owner: ${EDIT}
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted
      owner: alter publication totesys_hints drop table design_mid
      owner: ${EDIT}
      tick: publication-changed`,
  },
  {
    name: 'a partition that is moved to another parent',
    steps: `
      owner: alter table design_high detach partition design_high_1
      owner: update design_high_1 set design_name = 'apart'
      owner: alter table design_high attach partition design_high_1 for values from (200) to (300)
      owner: ${EDIT}
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  },
];
