import {
  calendar,
  createModel,
  derive,
  dimension,
  fact,
  findSourceTable,
  integer,
  joinsOf,
  lakeColumns,
  postgresType,
  quoteIdentifier,
  required,
  sourceTable,
  sourceTablesInOrder,
  star,
  text,
  totesys,
  totesysModel,
} from '../src/index.ts';

describe('the model', () => {
  test('has eleven source and eleven warehouse tables', () => {
    expect(totesysModel.source).toHaveLength(11);
    expect(totesysModel.warehouse).toHaveLength(11);
  });

  test('orders tables after all that they refer to', () => {
    const order = sourceTablesInOrder(totesysModel).map(({ name }) => name);
    for (const table of totesysModel.source) {
      for (const { references } of Object.values(table.columns)) {
        if (references) expect(order.indexOf(references)).toBeLessThan(order.indexOf(table.name));
      }
    }
  });

  test('derives only from columns that exist', () => {
    for (const table of totesysModel.warehouse) {
      if (table.kind === 'calendar') continue;
      for (const { derivation } of table.columns) {
        const from = derivation.kind === 'joined' ? derivation.table : table.source;
        expect(Object.keys(findSourceTable(totesysModel, from).columns)).toContain(derivation.column);
      }
    }
  });

  test('does not compile with a derivation from a column that is missing or of the wrong kind', () => {
    const from = derive(totesys.staff);
    // @ts-expect-error staff has no column of that name.
    expect(() => from.column('shoe_size')).toThrow();
    // @ts-expect-error a name is no foreign key.
    from.joined('first_name', totesys.department, 'department_name');
    // @ts-expect-error the department has no column of that name.
    expect(() => from.joined('department_id', totesys.department, 'floor')).toThrow();
    // @ts-expect-error a name is no timestamp.
    from.timeOf('first_name');
  });

  test('declares every join that a dimension makes', () => {
    expect(joinsOf(totesysModel)).toEqual([
      { source: 'counterparty', by: 'legal_address_id', table: 'address' },
      { source: 'staff', by: 'department_id', table: 'department' },
    ]);
  });

  test('references only tables of the warehouse', () => {
    const names = totesysModel.warehouse.map(({ name }) => name);
    for (const table of totesysModel.warehouse) {
      if (table.kind !== 'fact') continue;
      for (const { references } of table.columns) if (references) expect(names).toContain(references);
    }
  });
});

test('types have the names that Postgres writes', () => {
  expect(postgresType({ kind: 'numeric', precision: 10, scale: 2 })).toBe('numeric(10,2)');
  expect(postgresType({ kind: 'timestamp', precision: 3 })).toBe('timestamp(3) without time zone');
  expect(postgresType({ kind: 'varchar', length: 3 })).toBe('character varying(3)');
});

test('a quote in an identifier is doubled', () => {
  expect(quoteIdentifier('a"b; drop table x')).toBe('"a""b; drop table x"');
  expect(() => quoteIdentifier('a\0b')).toThrow('NUL');
});

describe('a table whose columns engines would not show', () => {
  const id = required(integer());

  test.each(['batch', 'batch_date', 'Batch', 'BATCH_DATE'])('is refused: a source column %s', (name) => {
    expect(() => sourceTable('parcel', 'id', { id, [name]: id })).toThrow(
      `Column '${name}' of table 'parcel' has the name of a partition key`,
    );
  });

  test('does not compile', () => {
    // @ts-expect-error the name of a folder's key.
    expect(() => sourceTable('parcel', 'id', { id, batch: id })).toThrow('partition key');
    // @ts-expect-error engines compare names without their case.
    expect(() => sourceTable('parcel', 'id', { id, Batch_Date: id })).toThrow('partition key');
    // @ts-expect-error also in the warehouse.
    expect(() => dimension('dim_parcel', totesys.staff, (from) => ({ batch: from.column('staff_id') }))).toThrow();
    const batched = () =>
      fact('fact_parcel', totesys.staff, { recordId: 'record_id' }, (from) => ({
        id: from.column('staff_id'),
        // @ts-expect-error and in a fact.
        BATCH: from.column('staff_id'),
      }));
    expect(batched).toThrow("Column 'BATCH' of table 'fact_parcel'");
    // @ts-expect-error and in a calendar.
    expect(() => calendar('dim_day', { batch_date: 'date' })).toThrow('partition key');
  });

  test('is refused if two names differ only in case, or a time and a column share the name of a timestamp', () => {
    expect(() => sourceTable('parcel', 'id', { id, Id: id })).toThrow("two columns 'Id' in the lake");
    const twice = () =>
      fact('fact_parcel', totesys.staff, { recordId: 'record_id' }, (from) => ({
        staff_id: from.column('staff_id'),
        created_at: from.column('created_at'),
        created_time: from.timeOf('created_at'),
      }));
    expect(twice).toThrow("two columns 'created_at' in the lake");
  });

  test('is refused by createModel, with the names of its tables', () => {
    const parcel = { name: 'parcel', key: 'id', columns: { id, note: required(text()) } };
    const withSource = (source: object) =>
      createModel({ ...totesysModel, source: [...totesysModel.source, { ...parcel, ...source }] });
    expect(withSource({}).source).toHaveLength(12);
    expect(() => withSource({ columns: { id, BATCH: id } })).toThrow("'BATCH' of table 'parcel'");
    for (const name of ['_parcel', '.parcel', 'a/b', 'batch=1']) expect(() => withSource({ name })).toThrow('folder');
    expect(() => withSource({ name: 'Address' })).toThrow("folder 'Address'");
    const { dimDate } = star;
    const columns = dimDate.columns.map((column) =>
      column.name === 'day' ? { ...column, name: 'batch_date' } : column,
    );
    expect(() => createModel({ ...totesysModel, warehouse: [{ ...dimDate, columns }] })).toThrow('partition key');
    const deleted = { ...star.dimDesign, name: 'deleted_fact_payment' };
    expect(() => createModel({ ...totesysModel, warehouse: [...totesysModel.warehouse, deleted] })).toThrow('folder');
  });
});

test('the lake has a timestamp in place of each time of day; the other columns of a fact stay the same', () => {
  for (const { columns } of [star.factSalesOrder, star.factPurchaseOrders, star.factPayment]) {
    const carried = lakeColumns({ columns });
    expect(carried.slice(1, 5).map(({ name, type }) => [name, postgresType(type)])).toEqual([
      ['created_date', 'date'],
      ['created_at', 'timestamp without time zone'],
      ['last_updated_date', 'date'],
      ['last_updated_at', 'timestamp without time zone'],
    ]);
    expect(carried.filter((_, i) => i !== 2 && i !== 4)).toEqual(columns.filter((_, i) => i !== 2 && i !== 4));
  }
});
