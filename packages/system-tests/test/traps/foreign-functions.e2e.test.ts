import { addOrder, populate, unstampedEdit } from '@totesys/sandbox';
import { compare } from '../../../reconcile/test/rows/compare.ts';
import { createPipeline, type Pipeline } from '../pipeline.ts';

let pipeline: Pipeline;

beforeEach(async () => {
  pipeline = await createPipeline();
});
afterEach(() => pipeline.close());

test.each([
  ['functions', shadowFunctions],
  ['operators', shadowOperators],
])("%s of another schema before Postgres' own change nothing, in any stage or comparison", async (_, shadow) => {
  const { source, warehouse } = pipeline;
  await populate(source.sql, { seed: 6, salesOrders: 60, purchaseOrders: 30 });
  for (const { sql, url } of [source, warehouse]) await sql.unsafe(shadow(new URL(url).pathname.slice(1)));
  // Only new sessions have the path.
  await pipeline.follow(source);
  await pipeline.run();
  await source.sql.begin((sql) => unstampedEdit(sql));
  await source.sql.begin((sql) => addOrder(sql));
  await pipeline.run();
  expect(await compare(pipeline)).toMatchObject({ differences: [], unread: [], counts: {} });
});

// As orafce does, but with every plain function that has a name of Postgres' own: called, it raises an error.
function shadowFunctions(database: string): string {
  return `
    create schema evil;
    do $$
    declare f record;
    begin
      for f in select p.proname, pg_get_function_identity_arguments(p.oid) as arguments, format_type(p.prorettype, null) as result
                 from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where n.nspname = 'pg_catalog' and p.prokind = 'f' and not p.proretset
                  and p.proname in ('to_char', 'substr', 'substring', 'lower', 'left', 'md5', 'encode', 'convert_to', 'hashtextextended',
                    'hashint4extended', 'hashint8extended', 'hash_numeric_extended', 'to_regclass', 'current_setting', 'set_config',
                    'pg_export_snapshot', 'pg_current_snapshot', 'pg_try_advisory_xact_lock', 'make_date', 'date_part', 'trim_scale',
                    'to_jsonb', 'isfinite', 'timestamp_hash_extended', 'time_hash_extended', 'pg_get_constraintdef', 'format_type')
      loop
        execute format('create function evil.%I(%s) returns %s language plpgsql as %L', f.proname, f.arguments, f.result,
          'begin raise exception ''a foreign function was called''; end');
      end loop;
    end $$;
    alter database ${database} set search_path = evil, pg_catalog, public;`;
}

// Every comparison of two values of the same common type is false.
function shadowOperators(database: string): string {
  const operators = [
    'oid',
    'text',
    'integer',
    'bigint',
    'name',
    '"char"',
    'boolean',
    'timestamp',
    'xid',
    'numeric',
  ].flatMap((type) => [
    `create function evil.never(${type}, ${type}) returns boolean language sql as 'select false';`,
    ...['=', '<>', '<', '>', '<=', '>='].map(
      (name) => `create operator evil.${name} (leftarg = ${type}, rightarg = ${type}, function = evil.never);`,
    ),
  ]);
  return (
    `create schema evil; ${operators.join('\n')} alter database ${database} set search_path = evil, pg_catalog, ` +
    'public;'
  );
}
