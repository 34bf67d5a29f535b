import type { Scenario } from './scenario.ts';

const OURS = 'publication totesys_hints';
const EDIT = `update currency set currency_code = 'PUB', last_updated = clock_timestamp() where currency_id = 1`;
const EDIT_DESIGN = `update design set design_name = 'pub', last_updated = clock_timestamp() where design_id = 2`;
const ADD_DESIGN = `alter ${OURS} add table design (design_id)`;
const DROP_DESIGN = `alter ${OURS} drop table design`;
const TABLES = [
  'address',
  'counterparty',
  'currency',
  'department',
  'design',
  'payment',
  'payment_type',
  'purchase_order',
  'sales_order',
  'staff',
  'transaction',
];
/** The server fails to decode what was written while it was missing; Postgres 18 decodes nothing of it. */
const MISSING_MEANWHILE = 'peek-failed or publication-changed';
const CREATE =
  `create ${OURS} for table ${TABLES.map((table) => `${table} (${table}_id)`).join(', ')} ` +
  `with (publish = 'insert, update, delete, truncate', publish_via_partition_root = true)`;

/** Returns a scenario in which the publication is otherwise for a while, with a row written meanwhile. */
function setAndReset(name: string, set: string, reset: string): Scenario {
  return {
    name: `${name}, set and reset between two ticks`,
    steps: `
      owner: ${set}
      owner: ${EDIT}
      owner: ${EDIT_DESIGN}
      owner: ${reset}
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
  };
}

/** Returns a scenario in which a run meets the publication as it must not be. */
function stays(name: string, set: string, reset: string): Scenario {
  return {
    name: `${name}, as a run finds it`,
    steps: `
      owner: ${set}
      owner: ${EDIT}
      owner: ${EDIT_DESIGN}
      tick: not-set-up
      owner: ${EDIT}
      owner: ${reset}
      owner: ${EDIT_DESIGN}
      tick: publication-changed
      owner: ${EDIT_DESIGN}
      tick: trusted`,
  };
}

/** What can happen to the publication. */
export const PUBLICATIONS: readonly Scenario[] = [
  ...[setAndReset, stays].flatMap((play) => [
    play('a table that the publication does not name', DROP_DESIGN, ADD_DESIGN),
    play('a publication without updates', `alter ${OURS} set (publish = 'insert, delete, truncate')`, publishAll()),
    play('a publication without inserts', `alter ${OURS} set (publish = 'update, delete, truncate')`, publishAll()),
    play('a publication without truncates', `alter ${OURS} set (publish = 'insert, update, delete')`, publishAll()),
    play(
      'a publication of leaves',
      `alter ${OURS} set (publish_via_partition_root = false)`,
      `alter ${OURS} set (publish_via_partition_root = true)`,
    ),
    play(
      'a publication that filters rows',
      `alter ${OURS} set table currency (currency_id) where (currency_id > 15)`,
      `alter ${OURS} set table ${TABLES.map((table) => `${table} (${table}_id)`).join(', ')}`,
    ),
  ]),
  {
    name: 'a publication that is renamed there and back between two ticks',
    steps: `
      owner: alter ${OURS} rename to elsewhere
      owner: ${EDIT}
      owner: alter publication elsewhere rename to totesys_hints
      tick: ${MISSING_MEANWHILE}
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a publication with another name, as a run finds it',
    steps: `
      owner: alter ${OURS} rename to elsewhere
      owner: ${EDIT}
      tick: not-set-up
      owner: ${EDIT_DESIGN}
      owner: alter publication elsewhere rename to totesys_hints
      tick: ${MISSING_MEANWHILE}
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a publication whose place another one takes for a while',
    steps: `
      owner: create publication other for table currency (currency_id) with (publish_via_partition_root = true)
      owner: alter ${OURS} rename to elsewhere
      owner: alter publication other rename to totesys_hints
      owner: ${EDIT_DESIGN}
      owner: alter ${OURS} rename to other
      owner: alter publication elsewhere rename to totesys_hints
      tick: publication-changed
      owner: ${EDIT}
      tick: trusted`,
    restore: ['drop publication other'],
  },
  {
    name: 'a publication that is dropped and created again between two ticks',
    steps: `
      owner: ${EDIT}
      owner: drop ${OURS}
      owner: ${EDIT_DESIGN}
      owner: ${CREATE}
      owner: ${EDIT}
      tick: ${MISSING_MEANWHILE}
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a publication that is missing during a run',
    steps: `
      owner: drop ${OURS}
      owner: ${EDIT}
      tick: not-set-up
      owner: ${EDIT_DESIGN}
      owner: ${CREATE}
      owner: ${EDIT}
      tick: ${MISSING_MEANWHILE}
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a publication with more columns than the key',
    steps: `
      owner: alter ${OURS} drop table design
      owner: alter ${OURS} add table design (design_id, design_name)
      owner: ${EDIT_DESIGN}
      tick: publication-changed
      owner: ${EDIT_DESIGN}
      tick: trusted`,
    restore: [DROP_DESIGN, ADD_DESIGN],
  },
  {
    name: 'a publication of whole rows, with texts that are stored elsewhere',
    steps: `
      owner: alter ${OURS} drop table design
      owner: alter ${OURS} add table design
      owner: update design set file_name = (select string_agg(md5(g::text), '') from generate_series(1, 2000) g) where design_id = 3
      tick: publication-changed
      owner: update design set design_name = 'short' where design_id = 3
      tick: trusted`,
    restore: [DROP_DESIGN, ADD_DESIGN, `update design set file_name = 'b'`],
  },
  {
    name: 'a publication of all tables',
    steps: `
      owner: drop ${OURS}
      owner: create ${OURS} for all tables with (publish_via_partition_root = true)
      owner: ${EDIT}
      tick: not-set-up
      owner: ${EDIT}
      tick: not-set-up`,
    restore: [`drop ${OURS}`, CREATE],
  },
  {
    name: 'a publication of a schema',
    steps: `
      owner: drop ${OURS}
      owner: create ${OURS} for tables in schema public with (publish_via_partition_root = true)
      owner: ${EDIT}
      tick: not-set-up
      owner: ${EDIT}
      tick: not-set-up`,
    restore: [`drop ${OURS}`, CREATE],
  },
  {
    name: 'a writer that was open when the publication changed, and writes after it',
    steps: `
      a: begin
      a: update design set design_name = 'before' where design_id = 7
      owner: alter ${OURS} set (publish = 'insert, delete, truncate')
      a: update currency set currency_code = 'MID' where currency_id = 8
      owner: alter ${OURS} set (publish = 'insert, update, delete, truncate')
      a: update currency set currency_code = 'AFT' where currency_id = 9
      owner: ${EDIT}
      tick: publication-changed
      owner: ${EDIT}
      tick: not-armed
      a: commit
      tick: not-armed
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a publication of another name, which names the same tables',
    steps: `
      owner: create publication others for table currency, design where (design_id > 10)
      owner: ${EDIT}
      owner: alter publication others set (publish = 'insert')
      owner: ${EDIT_DESIGN}
      tick: trusted`,
    restore: ['drop publication others'],
  },
];

function publishAll(): string {
  return `alter ${OURS} set (publish = 'insert, update, delete, truncate')`;
}
