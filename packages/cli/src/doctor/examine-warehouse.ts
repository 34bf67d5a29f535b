import { inTransaction, type Pool, query, WRITING } from '@totesys/runtime';
import { type Model, quoteIdentifier, warehouseTablesInOrder } from '@totesys/schema';
import {
  type SchemaRightsRow,
  type ServerRow,
  selectSchemaRights,
  selectTableRights,
  type TableRightsRow,
} from '../sql/server-facts.ts';
import { type Check, failed, passed, warned } from './check.ts';
import { type Examined, examineServer } from './examine-server.ts';

/** Examines the warehouse: its server, the rights to create what is missing, and the rights on each table. */
export function examineWarehouse(examined: Examined, model: Model): Promise<readonly Check[]> {
  return examineServer(examined, async ({ pool, server }) => [
    checkWritable(server),
    checkEncoding(server),
    ...(await checkRights(model, pool, server)),
  ]);
}

function checkWritable({ in_recovery: inRecovery, is_read_only: isReadOnly, role }: ServerRow): Check {
  if (inRecovery) return failed('warehouse', 'primary', 'expected a primary, got a standby', 'Name the primary.');
  if (!isReadOnly) return passed('warehouse', 'primary', 'the server accepts writes');
  const remedy = `Run: alter role ${role} set default_transaction_read_only = off;`;
  return failed('warehouse', 'primary', 'transactions are read-only by default', remedy);
}

function checkEncoding({ encoding }: ServerRow): Check {
  if (encoding === 'UTF8') return passed('warehouse', 'encoding', encoding);
  const found = `expected UTF8, got ${encoding}, which lacks characters that the source may have`;
  return warned('warehouse', 'encoding', found, 'Create a database with encoding UTF8, and name it in the URL.');
}

async function checkRights(model: Model, pool: Pool, { role }: ServerRow): Promise<readonly Check[]> {
  const names = warehouseTablesInOrder(model).map(({ name }) => name);
  const [schemas, tables] = await inTransaction(pool, WRITING, async (connection) => [
    (await query<SchemaRightsRow>(connection, { text: selectSchemaRights }))[0]!,
    await query<TableRightsRow>(connection, { text: selectTableRights, parameters: [names] }),
  ]);
  const isMigrated = schemas.may_create_in_etl !== null && tables.every(({ exists }) => exists);
  // Without the right, runs go on until the model changes.
  const lacks = isMigrated ? warned : failed;
  return [...checkSchemas(schemas, role, lacks), ...tables.map((rights) => checkTable(rights, role))];
}

function checkSchemas(rights: SchemaRightsRow, role: string, lacks: typeof failed): readonly Check[] {
  const asOwner = (statement: string) => `Run as the owner: ${statement} ${role};`;
  const check = (subject: string, mayCreate: boolean, statement: string) => {
    if (mayCreate) return passed('warehouse', subject, 'the role may create in it');
    return lacks('warehouse', subject, `role ${role} may not create in it`, asOwner(statement));
  };
  const { may_create_in_public: inPublic, may_create_in_etl: inEtl, may_create_schemas: schemas } = rights;
  const etl = inEtl === null ? 'create schema etl authorization' : 'grant usage, create on schema etl to';
  const temporary = rights.may_create_temporary
    ? passed('warehouse', 'temporary tables', 'the role may create them')
    : failed(
        'warehouse',
        'temporary tables',
        `role ${role} may not create them`,
        asOwner('grant temporary on the database to'),
      );
  return [
    check('schema public', inPublic === true, 'grant usage, create on schema public to'),
    check('schema etl', inEtl ?? schemas, etl),
    temporary,
  ];
}

function checkTable({ table, exists, may_load: mayLoad, is_owner: isOwner }: TableRightsRow, role: string): Check {
  const subject = `table ${table}`;
  if (!exists) return passed('warehouse', subject, 'the first load creates it');
  if (!mayLoad) {
    const rights = 'select, insert, update, delete';
    const remedy = `Run as the owner: grant ${rights} on public.${quoteIdentifier(table)} to ${role};`;
    return failed('warehouse', subject, `role ${role} may not read and write it`, remedy);
  }
  return passed('warehouse', subject, isOwner ? 'the role owns it' : 'the role may read and write it');
}
