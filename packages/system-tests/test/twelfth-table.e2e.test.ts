import {
  date,
  dimension,
  fact,
  integer,
  type Model,
  numeric,
  optional,
  required,
  sourceTable,
  star,
  text,
  timestamp,
  totesys,
  totesysModel,
} from '@totesys/schema';
import { createPipeline } from './pipeline.ts';

const courier = sourceTable('courier', 'courier_id', {
  courier_id: required(integer()),
  courier_name: required(text()),
});

const delivery = sourceTable('delivery', 'delivery_id', {
  delivery_id: required(integer()),
  courier_id: { type: integer(), nullable: false, references: 'courier' },
  sales_order_id: { type: integer(), nullable: false, references: totesys.salesOrder.name },
  weight_kg: optional(numeric(12, 3)),
  delivered_on: optional(date()),
  created_at: required(timestamp(3)),
  last_updated: required(timestamp(3)),
});

const dimCourier = dimension('dim_courier', courier, (from) => ({
  courier_id: from.column('courier_id'),
  courier_name: from.column('courier_name'),
}));

const factDelivery = fact('fact_delivery', 'delivery_record_id', delivery, (from) => ({
  delivery_id: from.column('delivery_id'),
  created_date: from.dateOf('created_at', star.dimDate),
  courier_id: from.column('courier_id', { references: dimCourier }),
  weight_kg: from.column('weight_kg'),
  delivered_on: from.column('delivered_on'),
}));

const larger: Model = {
  source: [...totesysModel.source, courier, delivery],
  warehouse: [...totesysModel.warehouse, dimCourier, factDelivery],
};

test('a table that is added to the model runs through all three stages, with no other edit', async () => {
  const pipeline = await createPipeline(larger);
  try {
    await pipeline.source.sql.unsafe(`
      create table courier (courier_id serial primary key, courier_name text not null);
      create table delivery (delivery_id serial primary key, courier_id int not null references courier, sales_order_id int not null,
        weight_kg numeric(12,3), delivered_on date, created_at timestamp(3) not null, last_updated timestamp(3) not null);
      insert into courier values (1, 'Pat');
      insert into delivery values (1, 1, 1, 12.345, '2024-02-29', '2024-02-28 10:00:00', '2024-02-28 10:00:00'),
                                  (2, 1, 1, null, null, '2024-02-28 10:00:00', '2024-02-28 10:00:00')`);
    await pipeline.run();
    await pipeline.source.sql.unsafe('update delivery set weight_kg = 99.999 where delivery_id = 2');
    await pipeline.run();
    const rows = await pipeline.warehouse.sql`
      select delivery_id, created_date::text, courier_name, weight_kg::text, delivered_on::text
        from current_fact_delivery join dim_courier using (courier_id) order by delivery_id`;
    expect(rows.map((row) => ({ ...row }))).toEqual([
      {
        delivery_id: 1,
        created_date: '2024-02-28',
        courier_name: 'Pat',
        weight_kg: '12.345',
        delivered_on: '2024-02-29',
      },
      { delivery_id: 2, created_date: '2024-02-28', courier_name: 'Pat', weight_kg: '99.999', delivered_on: null },
    ]);
    expect(await pipeline.warehouse.sql`select from fact_delivery`).toHaveLength(3);
    const said = await pipeline.warehouse.sql`
      select obj_description('current_fact_delivery'::regclass) as view,
             (select col_description(attrelid, attnum) from pg_attribute
               where attrelid = 'fact_delivery'::regclass and attname = 'courier_id') as column`;
    expect({ ...said[0] }).toEqual({
      view: expect.stringMatching(/^The latest version of each delivery_id in fact_delivery/),
      column: 'Refers to dim_courier. From delivery.courier_id.',
    });
  } finally {
    await pipeline.close();
  }
});
