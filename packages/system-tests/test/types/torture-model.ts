import {
  type Dimension,
  date,
  dimension,
  type Fact,
  fact,
  integer,
  type Model,
  optional,
  required,
  type SourceColumn,
  type SourceTable,
  sourceTable,
  star,
  text,
  totesysModel,
} from '@totesys/schema';
import { ODD_LABELS, TYPE_CASES } from '../../../../scripts/docs/type-cases.ts';

const tortured = Object.fromEntries(TYPE_CASES.map(({ column, type }) => [column, optional(type)]));

/** A table that feeds a fact, a column for each type; its owner's row may come late. */
export const torture: SourceTable = sourceTable('torture', 'id', {
  id: required(integer()),
  owner_id: required(integer()),
  due: optional(text()),
  ...(tortured as Record<string, SourceColumn>),
});

/** The same columns in a table that feeds a dimension alone. */
export const owner: SourceTable = sourceTable('owner', 'id', {
  id: required(integer()),
  born: required(date()),
  ...(tortured as Record<string, SourceColumn>),
});

/** A dimension whose row is the owner's own. */
export const dimOwner: Dimension = dimension('dim_owner', owner, (from) => ({
  owner_id: from.column('id'),
  born: from.column('born' as never),
  ...Object.fromEntries(TYPE_CASES.map(({ column }) => [column, from.column(column)])),
}));

/** A fact that shows every column, and the date and the time of one. */
export const factTorture: Fact = fact('fact_torture', torture, { recordId: 'record_id' }, (from) => ({
  id: from.column('id'),
  owner_id: from.column('owner_id', { references: dimOwner }),
  ...Object.fromEntries(TYPE_CASES.map(({ column }) => [column, from.column(column)])),
  due: from.parsedDate('due' as never, star.dimDate),
  at_date: from.dateOf('at' as never, star.dimDate),
  at_time: from.timeOf('at' as never),
}));

/** Totesys with a table for each type more. */
export const tortureModel: Model = {
  source: [...totesysModel.source, owner, torture],
  warehouse: [...totesysModel.warehouse, dimOwner, factTorture],
};

/** Creates both tables in a source. */
export const createTorture = `
  create type "Odd" as enum (${ODD_LABELS.map((label) => `'${label.replaceAll("'", "''")}'`).join(', ')});
  create table owner (id int primary key, born date not null default '2001-02-03', ${TYPE_CASES.map(({ column, declared }) => `"${column}" ${declared}`).join(', ')});
  create table torture (id int primary key, owner_id int not null, due text, ${TYPE_CASES.map(({ column, declared }) => `"${column}" ${declared}`).join(', ')})`;
