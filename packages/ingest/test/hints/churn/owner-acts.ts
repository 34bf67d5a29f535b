import type { Random } from './random.ts';

const PUBLICATION = 'publication totesys_hints';
const DROP_SLOT = "select pg_drop_replication_slot('totesys_hints')";
const CREATE_SLOT = "select pg_create_logical_replication_slot('totesys_hints', 'pgoutput')";
/** It waits for no row that a writer has locked. */
const EDIT = `update design set file_name = file_name || 'x' where design_id in (
  select design_id from design where design_id % 3 = 0 and length(file_name) < 20 for update skip locked)`;

/** What the owner may do while a run reads: it needs no lock that the run holds. */
const BESIDE_RUNS: readonly (readonly string[])[] = [
  [`alter ${PUBLICATION} drop table design`, EDIT, `alter ${PUBLICATION} add table design (design_id)`],
  [
    `alter ${PUBLICATION} set (publish = 'insert')`,
    EDIT,
    `alter ${PUBLICATION} set (publish = 'insert, update, delete, truncate')`,
  ],
  [`alter ${PUBLICATION} rename to gone`, EDIT, 'alter publication gone rename to totesys_hints'],
  ["select pg_replication_slot_advance('totesys_hints', pg_current_wal_flush_lsn())", EDIT],
  ['checkpoint'],
];

/** What the owner may do between runs. */
const BETWEEN_RUNS: readonly (readonly string[])[] = [
  ['vacuum full currency'],
  ['vacuum (freeze) design'],
  ['alter table department add column extra int default 5', 'alter table department drop column extra'],
  [
    'alter table currency rename to moved',
    'update moved set currency_code = lower(currency_code)',
    'alter table moved rename to currency',
  ],
  [
    'alter schema public rename to moved',
    EDIT.replaceAll(/(update|from) design/g, '$1 moved.design'),
    'alter schema moved rename to public',
  ],
  ['alter table design replica identity nothing', 'alter table design replica identity default'],
  ['truncate staff cascade'],
];

/** Statements that replace the slot. No transaction may be open. */
export const REPLACE_SLOT: readonly string[] = [EDIT, DROP_SLOT, EDIT, CREATE_SLOT, EDIT];

/** Returns the statements of an act beside or between runs. */
export function ownerAct(random: Random, when: 'beside' | 'between'): readonly string[] {
  const acts = when === 'beside' ? BESIDE_RUNS : [...BESIDE_RUNS, ...BETWEEN_RUNS];
  return acts[random.below(acts.length)]!;
}
