import {
  derive,
  findSourceTable,
  joinsOf,
  postgresType,
  quoteIdentifier,
  sourceTablesInOrder,
  totesys,
  totesysModel,
} from '../src/index.ts';

describe('the model', () => {
  test('has eleven source and eleven warehouse tables', () => {
    expect(totesysModel.source).toHaveLength(11);
    expect(totesysModel.warehouse).toHaveLength(11);
  });

  test('orders tables behind all that they refer to', () => {
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

test('types are written as Postgres writes them', () => {
  expect(postgresType({ kind: 'numeric', precision: 10, scale: 2 })).toBe('numeric(10,2)');
  expect(postgresType({ kind: 'timestamp', precision: 3 })).toBe('timestamp(3) without time zone');
  expect(postgresType({ kind: 'varchar', length: 3 })).toBe('character varying(3)');
});

test('a quote in an identifier is doubled', () => {
  expect(quoteIdentifier('a"b; drop table x')).toBe('"a""b; drop table x"');
  expect(() => quoteIdentifier('a\0b')).toThrow('NUL');
});
