-- A warehouse of the load before the history of dimensions, with two batches.
create schema etl;
create table if not exists etl.ledger (
     batch integer primary key,
     manifest_sha256 text not null,
     processed_sha256 text not null,
     source_clock text not null,
     rows bigint not null,
     loaded_at timestamptz not null default clock_timestamp(),
     last_record_ids jsonb
   );
do $$ begin
     if not exists (select from pg_attribute where attrelid = 'etl.ledger'::regclass and attname = 'last_record_ids') then
       alter table etl.ledger add column last_record_ids jsonb;
     end if;
   end $$;
create table if not exists etl.deletion (
     fact text not null,
     id bigint not null,
     deleted_batch integer not null,
     restored_batch integer,
     primary key (fact, id, deleted_batch)
   );
create table if not exists etl.held (
     fact text not null,
     id bigint not null,
     batch integer not null,
     row jsonb not null,
     missing text[] not null,
     primary key (fact, id)
   );
create table if not exists etl.adoption (
     adopted_at timestamptz not null default clock_timestamp(),
     last_record_ids jsonb not null
   );
create table if not exists etl.migration (
     model_sha256 text primary key,
     applied_at timestamptz not null default clock_timestamp()
   );
create table if not exists etl.comment (
     relation text not null,
     column_name text not null,
     said text not null,
     primary key (relation, column_name)
   );
create table if not exists public."dim_date" (
  "date_id" date not null,
  "year" integer not null,
  "month" integer not null,
  "day" integer not null,
  "day_of_week" integer not null,
  "day_name" character varying not null,
  "month_name" character varying not null,
  "quarter" integer not null,
  primary key ("date_id")
);
create table if not exists public."dim_counterparty" (
  "counterparty_id" integer not null,
  "counterparty_legal_name" character varying not null,
  "counterparty_legal_address_line_1" character varying not null,
  "counterparty_legal_address_line_2" character varying,
  "counterparty_legal_district" character varying,
  "counterparty_legal_city" character varying not null,
  "counterparty_legal_postal_code" character varying not null,
  "counterparty_legal_country" character varying not null,
  "counterparty_legal_phone_number" character varying not null,
  primary key ("counterparty_id")
);
create table if not exists public."dim_currency" (
  "currency_id" integer not null,
  "currency_code" character varying not null,
  "currency_name" character varying not null,
  primary key ("currency_id")
);
create table if not exists public."dim_design" (
  "design_id" integer not null,
  "design_name" character varying not null,
  "file_location" character varying not null,
  "file_name" character varying not null,
  primary key ("design_id")
);
create table if not exists public."dim_location" (
  "location_id" integer not null,
  "address_line_1" character varying not null,
  "address_line_2" character varying,
  "district" character varying,
  "city" character varying not null,
  "postal_code" character varying not null,
  "country" character varying not null,
  "phone" character varying not null,
  primary key ("location_id")
);
create table if not exists public."dim_payment_type" (
  "payment_type_id" integer not null,
  "payment_type_name" character varying not null,
  primary key ("payment_type_id")
);
create table if not exists public."dim_staff" (
  "staff_id" integer not null,
  "first_name" character varying not null,
  "last_name" character varying not null,
  "department_name" character varying not null,
  "location" character varying not null,
  "email_address" character varying not null,
  primary key ("staff_id")
);
create table if not exists public."dim_transaction" (
  "transaction_id" integer not null,
  "transaction_type" character varying not null,
  "sales_order_id" integer,
  "purchase_order_id" integer,
  primary key ("transaction_id")
);
create table if not exists public."fact_payment" (
  "payment_record_id" serial,
  "payment_id" integer not null,
  "created_date" date not null,
  "created_time" time without time zone not null,
  "last_updated_date" date not null,
  "last_updated_time" time without time zone not null,
  "transaction_id" integer not null,
  "counterparty_id" integer not null,
  "payment_amount" numeric not null,
  "currency_id" integer not null,
  "payment_type_id" integer not null,
  "paid" boolean not null,
  "payment_date" date not null,
  primary key ("payment_record_id")
);
create table if not exists public."fact_purchase_orders" (
  "purchase_record_id" serial,
  "purchase_order_id" integer not null,
  "created_date" date not null,
  "created_time" time without time zone not null,
  "last_updated_date" date not null,
  "last_updated_time" time without time zone not null,
  "staff_id" integer not null,
  "counterparty_id" integer not null,
  "item_code" character varying not null,
  "item_quantity" integer not null,
  "item_unit_price" numeric not null,
  "currency_id" integer not null,
  "agreed_delivery_date" date not null,
  "agreed_payment_date" date not null,
  "agreed_delivery_location_id" integer not null,
  primary key ("purchase_record_id")
);
create table if not exists public."fact_sales_order" (
  "sales_record_id" serial,
  "sales_order_id" integer not null,
  "created_date" date not null,
  "created_time" time without time zone not null,
  "last_updated_date" date not null,
  "last_updated_time" time without time zone not null,
  "sales_staff_id" integer not null,
  "counterparty_id" integer not null,
  "units_sold" integer not null,
  "unit_price" numeric(10,2) not null,
  "currency_id" integer not null,
  "design_id" integer not null,
  "agreed_payment_date" date not null,
  "agreed_delivery_date" date not null,
  "agreed_delivery_location_id" integer not null,
  primary key ("sales_record_id")
);
alter table public."fact_payment" add constraint "fact_payment_created_date_fkey"
    foreign key ("created_date") references public."dim_date" ("date_id");
alter table public."fact_payment" add constraint "fact_payment_last_updated_date_fkey"
    foreign key ("last_updated_date") references public."dim_date" ("date_id");
alter table public."fact_payment" add constraint "fact_payment_transaction_id_fkey"
    foreign key ("transaction_id") references public."dim_transaction" ("transaction_id");
alter table public."fact_payment" add constraint "fact_payment_counterparty_id_fkey"
    foreign key ("counterparty_id") references public."dim_counterparty" ("counterparty_id");
alter table public."fact_payment" add constraint "fact_payment_currency_id_fkey"
    foreign key ("currency_id") references public."dim_currency" ("currency_id");
alter table public."fact_payment" add constraint "fact_payment_payment_type_id_fkey"
    foreign key ("payment_type_id") references public."dim_payment_type" ("payment_type_id");
alter table public."fact_payment" add constraint "fact_payment_payment_date_fkey"
    foreign key ("payment_date") references public."dim_date" ("date_id");
alter table public."fact_purchase_orders" add constraint "fact_purchase_orders_created_date_fkey"
    foreign key ("created_date") references public."dim_date" ("date_id");
alter table public."fact_purchase_orders" add constraint "fact_purchase_orders_last_updated_date_fkey"
    foreign key ("last_updated_date") references public."dim_date" ("date_id");
alter table public."fact_purchase_orders" add constraint "fact_purchase_orders_staff_id_fkey"
    foreign key ("staff_id") references public."dim_staff" ("staff_id");
alter table public."fact_purchase_orders" add constraint "fact_purchase_orders_counterparty_id_fkey"
    foreign key ("counterparty_id") references public."dim_counterparty" ("counterparty_id");
alter table public."fact_purchase_orders" add constraint "fact_purchase_orders_currency_id_fkey"
    foreign key ("currency_id") references public."dim_currency" ("currency_id");
alter table public."fact_purchase_orders" add constraint "fact_purchase_orders_agreed_delivery_date_fkey"
    foreign key ("agreed_delivery_date") references public."dim_date" ("date_id");
alter table public."fact_purchase_orders" add constraint "fact_purchase_orders_agreed_payment_date_fkey"
    foreign key ("agreed_payment_date") references public."dim_date" ("date_id");
alter table public."fact_purchase_orders" add constraint "fact_purchase_orders_agreed_delivery_location_id_fkey"
    foreign key ("agreed_delivery_location_id") references public."dim_location" ("location_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_created_date_fkey"
    foreign key ("created_date") references public."dim_date" ("date_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_last_updated_date_fkey"
    foreign key ("last_updated_date") references public."dim_date" ("date_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_sales_staff_id_fkey"
    foreign key ("sales_staff_id") references public."dim_staff" ("staff_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_counterparty_id_fkey"
    foreign key ("counterparty_id") references public."dim_counterparty" ("counterparty_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_currency_id_fkey"
    foreign key ("currency_id") references public."dim_currency" ("currency_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_design_id_fkey"
    foreign key ("design_id") references public."dim_design" ("design_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_agreed_payment_date_fkey"
    foreign key ("agreed_payment_date") references public."dim_date" ("date_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_agreed_delivery_date_fkey"
    foreign key ("agreed_delivery_date") references public."dim_date" ("date_id");
alter table public."fact_sales_order" add constraint "fact_sales_order_agreed_delivery_location_id_fkey"
    foreign key ("agreed_delivery_location_id") references public."dim_location" ("location_id");
create index "fact_payment_latest"
    on public."fact_payment" ("payment_id", "payment_record_id" desc);
create index "fact_purchase_orders_latest"
    on public."fact_purchase_orders" ("purchase_order_id", "purchase_record_id" desc);
create index "fact_sales_order_latest"
    on public."fact_sales_order" ("sales_order_id", "sales_record_id" desc);
create index deletion_open on etl.deletion (fact, id) where restored_batch is null;
create index ledger_source_clock on etl.ledger (source_clock collate "C", batch);
create index "ledger_fact_payment"
    on etl.ledger (((last_record_ids ->> 'fact_payment')::bigint), batch);
create index "ledger_fact_purchase_orders"
    on etl.ledger (((last_record_ids ->> 'fact_purchase_orders')::bigint), batch);
create index "ledger_fact_sales_order"
    on etl.ledger (((last_record_ids ->> 'fact_sales_order')::bigint), batch);
create view public.current_fact_payment as select latest."payment_record_id", latest."payment_id", latest."created_date", latest."created_time", latest."last_updated_date", latest."last_updated_time", latest."transaction_id", latest."counterparty_id", latest."payment_amount", latest."currency_id", latest."payment_type_id", latest."paid", latest."payment_date"
      from (select distinct on (f."payment_id") f."payment_record_id", f."payment_id", f."created_date", f."created_time", f."last_updated_date", f."last_updated_time", f."transaction_id", f."counterparty_id", f."payment_amount", f."currency_id", f."payment_type_id", f."paid", f."payment_date"
              from public."fact_payment" f
             order by f."payment_id", f."payment_record_id" desc) latest
     where (exists (select from etl.deletion d
                     where d.fact = 'fact_payment' and d.id = latest."payment_id"
                       and d.restored_batch is null)) is not true;
create view public.current_fact_purchase_orders as select latest."purchase_record_id", latest."purchase_order_id", latest."created_date", latest."created_time", latest."last_updated_date", latest."last_updated_time", latest."staff_id", latest."counterparty_id", latest."item_code", latest."item_quantity", latest."item_unit_price", latest."currency_id", latest."agreed_delivery_date", latest."agreed_payment_date", latest."agreed_delivery_location_id"
      from (select distinct on (f."purchase_order_id") f."purchase_record_id", f."purchase_order_id", f."created_date", f."created_time", f."last_updated_date", f."last_updated_time", f."staff_id", f."counterparty_id", f."item_code", f."item_quantity", f."item_unit_price", f."currency_id", f."agreed_delivery_date", f."agreed_payment_date", f."agreed_delivery_location_id"
              from public."fact_purchase_orders" f
             order by f."purchase_order_id", f."purchase_record_id" desc) latest
     where (exists (select from etl.deletion d
                     where d.fact = 'fact_purchase_orders' and d.id = latest."purchase_order_id"
                       and d.restored_batch is null)) is not true;
create view public.fact_purchase_order as select "purchase_record_id", "purchase_order_id", "created_date", "created_time", "last_updated_date", "last_updated_time", "staff_id", "counterparty_id", "item_code", "item_quantity", "item_unit_price", "currency_id", "agreed_delivery_date", "agreed_payment_date", "agreed_delivery_location_id" from public."fact_purchase_orders";
create view public.current_fact_sales_order as select latest."sales_record_id", latest."sales_order_id", latest."created_date", latest."created_time", latest."last_updated_date", latest."last_updated_time", latest."sales_staff_id", latest."counterparty_id", latest."units_sold", latest."unit_price", latest."currency_id", latest."design_id", latest."agreed_payment_date", latest."agreed_delivery_date", latest."agreed_delivery_location_id"
      from (select distinct on (f."sales_order_id") f."sales_record_id", f."sales_order_id", f."created_date", f."created_time", f."last_updated_date", f."last_updated_time", f."sales_staff_id", f."counterparty_id", f."units_sold", f."unit_price", f."currency_id", f."design_id", f."agreed_payment_date", f."agreed_delivery_date", f."agreed_delivery_location_id"
              from public."fact_sales_order" f
             order by f."sales_order_id", f."sales_record_id" desc) latest
     where (exists (select from etl.deletion d
                     where d.fact = 'fact_sales_order' and d.id = latest."sales_order_id"
                       and d.restored_batch is null)) is not true;
insert into public.dim_counterparty select * from jsonb_populate_record(null::public.dim_counterparty, '{"counterparty_id": 1, "counterparty_legal_city": "1", "counterparty_legal_name": "1", "counterparty_legal_country": "1", "counterparty_legal_district": null, "counterparty_legal_postal_code": "1", "counterparty_legal_phone_number": "1", "counterparty_legal_address_line_1": "1", "counterparty_legal_address_line_2": null}');
insert into public.dim_currency select * from jsonb_populate_record(null::public.dim_currency, '{"currency_id": 1, "currency_code": "1", "currency_name": "1"}');
insert into public.dim_date select * from jsonb_populate_record(null::public.dim_date, '{"day": 1, "year": 1, "month": 1, "date_id": "1970-01-02", "quarter": 1, "day_name": "1", "month_name": "1", "day_of_week": 1}');
insert into public.dim_design select * from jsonb_populate_record(null::public.dim_design, '{"design_id": 1, "file_name": "1", "design_name": "1", "file_location": "1"}');
insert into public.dim_location select * from jsonb_populate_record(null::public.dim_location, '{"city": "1", "phone": "1", "country": "1", "district": null, "location_id": 1, "postal_code": "1", "address_line_1": "1", "address_line_2": null}');
insert into public.dim_staff select * from jsonb_populate_record(null::public.dim_staff, '{"location": "1", "staff_id": 2, "last_name": "1", "first_name": "1", "email_address": "1", "department_name": "1"}');
insert into public.dim_staff select * from jsonb_populate_record(null::public.dim_staff, '{"location": "1", "staff_id": 1, "last_name": "1", "first_name": "Anna", "email_address": "1", "department_name": "1"}');
insert into public.dim_staff select * from jsonb_populate_record(null::public.dim_staff, '{"location": "1", "staff_id": 4, "last_name": "1", "first_name": "1", "email_address": "1", "department_name": "1"}');
insert into public.fact_sales_order select * from jsonb_populate_record(null::public.fact_sales_order, '{"design_id": 1, "unit_price": 1.50, "units_sold": 1, "currency_id": 1, "created_date": "1970-01-02", "created_time": "00:00:00.000001", "sales_order_id": 1, "sales_staff_id": 1, "counterparty_id": 1, "sales_record_id": 1, "last_updated_date": "1970-01-02", "last_updated_time": "00:00:00.000001", "agreed_payment_date": "1970-01-02", "agreed_delivery_date": "1970-01-02", "agreed_delivery_location_id": 1}');
insert into public.fact_sales_order select * from jsonb_populate_record(null::public.fact_sales_order, '{"design_id": 1, "unit_price": 1.50, "units_sold": 1, "currency_id": 1, "created_date": "1970-01-02", "created_time": "00:00:00.000001", "sales_order_id": 2, "sales_staff_id": 1, "counterparty_id": 1, "sales_record_id": 2, "last_updated_date": "1970-01-02", "last_updated_time": "00:00:00.000001", "agreed_payment_date": "1970-01-02", "agreed_delivery_date": "1970-01-02", "agreed_delivery_location_id": 1}');
insert into public.fact_sales_order select * from jsonb_populate_record(null::public.fact_sales_order, '{"design_id": 1, "unit_price": 1.50, "units_sold": 4, "currency_id": 1, "created_date": "1970-01-02", "created_time": "00:00:00.000001", "sales_order_id": 1, "sales_staff_id": 1, "counterparty_id": 1, "sales_record_id": 3, "last_updated_date": "1970-01-02", "last_updated_time": "00:00:00.000001", "agreed_payment_date": "1970-01-02", "agreed_delivery_date": "1970-01-02", "agreed_delivery_location_id": 1}');
insert into etl.ledger select * from jsonb_populate_record(null::etl.ledger, '{"rows": 9, "batch": 1, "loaded_at": "2026-11-29T01:42:58.156872+00:00", "source_clock": "2026-11-22T10:00:00.000000", "last_record_ids": {"fact_payment": null, "fact_sales_order": 2, "fact_purchase_orders": null}, "manifest_sha256": "0000000000000000000000000000000000000000000000000000000000000001", "processed_sha256": "7231eb12a7e960ff6aaf0e145d5e23e22d9ad49a5a50c13931ecf07029fa03ad"}');
insert into etl.ledger select * from jsonb_populate_record(null::etl.ledger, '{"rows": 3, "batch": 2, "loaded_at": "2026-11-29T01:42:58.544385+00:00", "source_clock": "2026-11-22T10:00:00.000000", "last_record_ids": {"fact_payment": null, "fact_sales_order": 3, "fact_purchase_orders": null}, "manifest_sha256": "0000000000000000000000000000000000000000000000000000000000000002", "processed_sha256": "9ec21a81782690eb33cf21c98483fe63afed834f5b956d48819524d166a42f6d"}');
insert into etl.migration select * from jsonb_populate_record(null::etl.migration, '{"applied_at": "2026-11-29T01:42:57.791415+00:00", "model_sha256": "6066b917ea6f6bdc48ef6452fed87663be166cc63a032ad2e50572aa110cfbb0"}');
insert into etl.migration select * from jsonb_populate_record(null::etl.migration, '{"applied_at": "2026-11-29T01:42:57.811668+00:00", "model_sha256": "32e9bc7d15a61221dab50d12ce3e1b99a402383be5a9ddaf370825416ccca729"}');
select setval(pg_get_serial_sequence('fact_sales_order', 'sales_record_id'), 3);
