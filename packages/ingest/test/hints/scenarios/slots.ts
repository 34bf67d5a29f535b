import type { Scenario } from './scenario.ts';

const EDIT = `update currency set currency_code = 'SLO', last_updated = clock_timestamp() where currency_id = 1`;
const EDIT_DESIGN = `update design set design_name = 'slot', last_updated = clock_timestamp() where design_id = 2`;
const DROP = `select pg_drop_replication_slot('totesys_hints')`;
const create = (plugin = 'pgoutput', options = '') =>
  `select pg_create_logical_replication_slot('totesys_hints', '${plugin}'${options})`;
const GET = `pg_logical_slot_get_binary_changes('totesys_hints', null, null, 'proto_version', '1', 'publication_names', 'totesys_hints')`;

/** What can happen to the slot. */
export const SLOTS: readonly Scenario[] = [
  {
    name: 'a slot that is dropped and created again, with changes before, between and after',
    steps: `
      owner: ${EDIT}
      owner: ${DROP}
      owner: ${EDIT_DESIGN}
      owner: ${create()}
      owner: update currency set currency_code = 'AFT' where currency_id = 3
      tick: no-position
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a slot that is missing during a run',
    steps: `
      owner: ${DROP}
      owner: ${EDIT}
      tick: not-set-up
      owner: ${EDIT_DESIGN}
      owner: ${create()}
      owner: ${EDIT}
      tick: no-position
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a slot that another session consumes',
    steps: `
      owner: ${EDIT}
      owner: ${EDIT_DESIGN}
      owner: select count(*) from ${GET}
      tick: no-position
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a slot that another session advances',
    steps: `
      owner: ${EDIT}
      owner: select pg_replication_slot_advance('totesys_hints', pg_current_wal_flush_lsn())
      owner: ${EDIT_DESIGN}
      tick: no-position
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a slot that another session peeks at',
    steps: `
      owner: ${EDIT}
      owner: select count(*) from ${GET.replace('_get_', '_peek_')}
      tick: trusted`,
  },
  {
    name: 'a slot of another plugin',
    steps: `
      owner: ${DROP}
      owner: ${create('test_decoding')}
      owner: ${EDIT}
      tick: not-set-up
      owner: ${DROP}
      owner: ${create()}
      owner: ${EDIT_DESIGN}
      tick: no-position
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a slot that decodes transactions when they are prepared',
    steps: `
      owner: ${DROP}
      owner: ${create('pgoutput', ', false, true')}
      a: begin
      a: ${EDIT_DESIGN}
      a: prepare transaction 'early'
      owner: ${EDIT}
      tick: not-set-up
      owner: commit prepared 'early'
      tick: not-set-up
      owner: ${DROP}
      owner: ${create()}
      owner: ${EDIT}
      tick: no-position
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a copy of the slot in its place, which has the same changes',
    steps: `
      owner: select pg_copy_logical_replication_slot('totesys_hints', 'copy')
      owner: ${EDIT}
      owner: ${DROP}
      owner: select pg_copy_logical_replication_slot('copy', 'totesys_hints')
      owner: ${EDIT_DESIGN}
      tick: trusted`,
    restore: [`select pg_drop_replication_slot('copy')`],
  },
  {
    name: 'a writer that was open while the slot was replaced',
    steps: `
      a: begin
      a: ${EDIT_DESIGN}
      owner: ${DROP}
      owner: ${EDIT}
      tick: not-set-up
      a: commit
      owner: ${create()}
      tick: no-position
      owner: ${EDIT}
      tick: trusted`,
  },
  {
    name: 'a slot that keeps more WAL than a scan costs',
    steps: `
      owner: select pg_switch_wal() from (select pg_logical_emit_message(false, 'x', 'x')) x
      owner: select pg_switch_wal() from (select pg_logical_emit_message(false, 'x', 'x')) x
      owner: ${EDIT}
      tick: too-much-wal
      owner: checkpoint
      owner: ${EDIT}
      tick: too-much-wal
      owner: ${EDIT}
      tick: trusted`,
  },
];
