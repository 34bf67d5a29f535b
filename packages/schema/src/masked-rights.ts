import { MASKED_SCHEMA, maskedFunctions, maskedViews, personalColumns } from './masked-schema.ts';
import type { Model } from './model.ts';
import { quoteIdentifier, quoteLiteral } from './quote-identifier.ts';
import { etlFunctions } from './warehouse-functions.ts';

/** The tables of the pipeline that have no values of source rows. */
const READABLE = ['etl.ledger', 'etl.first_batch', 'etl.deletion', 'etl.adoption'];
/** The columns of `etl.held` without the waiting row itself. */
const HELD = 'fact, id, batch, missing';

/**
 * Returns the SQL that creates the masked views and functions, and lets a role read them. It has no effect if the role
 * may read a personal column by another right. It may run again: after a change of the model, or for another role.
 */
export function maskedRights(model: Model, role: string): string {
  const views = maskedViews(model).map((view) => ({
    ...view,
    relation: `${MASKED_SCHEMA}.${quoteIdentifier(view.name)}`,
  }));
  const functions = maskedFunctions(model);
  return [
    '-- Views and functions without personal data. Run this in the warehouse, as the role that loads:',
    '--   psql --set ON_ERROR_STOP=1 --file FILE',
    '-- Run it again after a change of the model. It keeps the rights of other roles that it was run for.',
    'begin;',
    "set local lock_timeout = '5s';",
    `create schema if not exists ${MASKED_SCHEMA};`,
    ...functions.map(({ signature }) => `drop function if exists ${signature};`),
    ...views.map(({ relation }) => `drop view if exists ${relation};`),
    ...views.map(({ relation, select }) => `create view ${relation} as\n${select};`),
    ...views.map(({ relation, about }) => `comment on view ${relation} is ${quoteLiteral(about)};`),
    ...functions.map(({ statement }) => `${statement};`),
    ...grants(quoteIdentifier(role)),
    checkRights(model, role),
    'commit;',
  ].join('\n');
}

function grants(role: string): string[] {
  const functions = etlFunctions.map(({ signature }) => signature);
  return [
    `grant usage on schema ${MASKED_SCHEMA}, etl to ${role};`,
    `grant select on all tables in schema ${MASKED_SCHEMA} to ${role};`,
    `grant execute on all functions in schema ${MASKED_SCHEMA} to ${role};`,
    `grant execute on function ${functions.join(', ')} to ${role};`,
    `grant select on ${READABLE.join(', ')} to ${role};`,
    `grant select (${HELD}) on etl.held to ${role};`,
    '-- A view that is created again keeps these rights.',
    `alter default privileges in schema ${MASKED_SCHEMA} grant select on tables to ${role};`,
    `alter default privileges in schema ${MASKED_SCHEMA} grant execute on functions to ${role};`,
  ];
}

// Rights also come from PUBLIC, from other roles that the role belongs to, and from default privileges.
function checkRights(model: Model, role: string): string {
  const columns = personalColumns(model).map(({ schema, relation, column }) =>
    [schema, relation, column].map(quoteLiteral).join(', '),
  );
  const name = quoteLiteral(role);
  return `do $check$
declare right_of record;
begin
  select format('%I.%I', n.nspname, c.relname) as relation, a.attname as "column", r.rolname as by_role into right_of
    from (values (${columns.join('),\n                 (')})) p (nspname, relname, attname)
    join pg_namespace n on n.nspname = p.nspname
    join pg_class c on c.relnamespace = n.oid and c.relname = p.relname
    join pg_attribute a on a.attrelid = c.oid and a.attname = p.attname
    join pg_roles r on pg_has_role(${name}, r.oid, 'member')
   where has_column_privilege(r.oid, c.oid, a.attnum, 'select') limit 1;
  if found then
    raise exception 'Role % may read the personal column %.%, by a right of role % or of PUBLIC. Nothing was changed.',
      ${name}, right_of.relation, right_of."column", right_of.by_role
      using hint = 'Revoke that right, or take a new role: create role NAME';
  end if;
  select pg_get_userbyid(d.defaclrole) as creator into right_of
    from pg_default_acl d cross join aclexplode(d.defaclacl) g
   where d.defaclobjtype = 'r' and g.privilege_type = 'SELECT'
     and (d.defaclnamespace = 0 or d.defaclnamespace in (to_regnamespace('public'), to_regnamespace('etl')))
     and case when g.grantee = 0 then true else pg_has_role(${name}, g.grantee, 'member') end limit 1;
  if found then
    raise exception 'Role % may read the tables that role % creates in future, by default privileges. '
      'Nothing was changed.', ${name}, right_of.creator
      using hint = 'Revoke them: alter default privileges for role NAME in schema public, etl revoke select on tables';
  end if;
end $check$;`;
}
