-- Views over the published tables for Athena and Trino. `make docs` writes this file.
-- Run the statements in the database of the tables, one after another.

-- The present values of each row of dim_counterparty.
create or replace view current_dim_counterparty as
select t."counterparty_id", t."counterparty_legal_name", t."counterparty_legal_address_line_1", t."counterparty_legal_address_line_2", t."counterparty_legal_district", t."counterparty_legal_city", t."counterparty_legal_postal_code", t."counterparty_legal_country", t."counterparty_legal_phone_number", t."batch"
  from "dim_counterparty" t
  join (select "counterparty_id" as id, max("batch") as newest
          from (select "counterparty_id", "batch" from "dim_counterparty" where "batch" <= (select max("batch") from "published_batches")) e
         group by "counterparty_id") n on n.id = t."counterparty_id" and n.newest = t."batch";

-- Each state of each row of dim_counterparty, current from batch to until_batch, which is null for the present one.
create or replace view dim_counterparty_states as
with events as (
  select "counterparty_id", "counterparty_legal_name", "counterparty_legal_address_line_1", "counterparty_legal_address_line_2", "counterparty_legal_district", "counterparty_legal_city", "counterparty_legal_postal_code", "counterparty_legal_country", "counterparty_legal_phone_number", "batch", 0 as "is_deletion" from "dim_counterparty" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "counterparty_id", "counterparty_legal_name", "counterparty_legal_address_line_1", "counterparty_legal_address_line_2", "counterparty_legal_district", "counterparty_legal_city", "counterparty_legal_postal_code", "counterparty_legal_country", "counterparty_legal_phone_number", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "counterparty_legal_name" is not distinct from lag("counterparty_legal_name") over earlier
               and "counterparty_legal_address_line_1" is not distinct from lag("counterparty_legal_address_line_1") over earlier
               and "counterparty_legal_address_line_2" is not distinct from lag("counterparty_legal_address_line_2") over earlier
               and "counterparty_legal_district" is not distinct from lag("counterparty_legal_district") over earlier
               and "counterparty_legal_city" is not distinct from lag("counterparty_legal_city") over earlier
               and "counterparty_legal_postal_code" is not distinct from lag("counterparty_legal_postal_code") over earlier
               and "counterparty_legal_country" is not distinct from lag("counterparty_legal_country") over earlier
               and "counterparty_legal_phone_number" is not distinct from lag("counterparty_legal_phone_number") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "counterparty_id" order by "batch"))
select "counterparty_id", "counterparty_legal_name", "counterparty_legal_address_line_1", "counterparty_legal_address_line_2", "counterparty_legal_district", "counterparty_legal_city", "counterparty_legal_postal_code", "counterparty_legal_country", "counterparty_legal_phone_number", "batch", "until_batch"
  from (select "counterparty_id", "counterparty_legal_name", "counterparty_legal_address_line_1", "counterparty_legal_address_line_2", "counterparty_legal_district", "counterparty_legal_city", "counterparty_legal_postal_code", "counterparty_legal_country", "counterparty_legal_phone_number", "batch", "is_deletion", nullif(lead("batch") over (partition by "counterparty_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- The present values of each row of dim_currency.
create or replace view current_dim_currency as
select t."currency_id", t."currency_code", t."currency_name", t."batch"
  from "dim_currency" t
  join (select "currency_id" as id, max("batch") as newest
          from (select "currency_id", "batch" from "dim_currency" where "batch" <= (select max("batch") from "published_batches")) e
         group by "currency_id") n on n.id = t."currency_id" and n.newest = t."batch";

-- Each state of each row of dim_currency, current from batch to until_batch, which is null for the present one.
create or replace view dim_currency_states as
with events as (
  select "currency_id", "currency_code", "currency_name", "batch", 0 as "is_deletion" from "dim_currency" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "currency_id", "currency_code", "currency_name", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "currency_code" is not distinct from lag("currency_code") over earlier
               and "currency_name" is not distinct from lag("currency_name") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "currency_id" order by "batch"))
select "currency_id", "currency_code", "currency_name", "batch", "until_batch"
  from (select "currency_id", "currency_code", "currency_name", "batch", "is_deletion", nullif(lead("batch") over (partition by "currency_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- The present values of each row of dim_date.
create or replace view current_dim_date as
select t."date_id", t."year", t."month", t."day", t."day_of_week", t."day_name", t."month_name", t."quarter", t."batch"
  from "dim_date" t
  join (select "date_id" as id, max("batch") as newest
          from (select "date_id", "batch" from "dim_date" where "batch" <= (select max("batch") from "published_batches")) e
         group by "date_id") n on n.id = t."date_id" and n.newest = t."batch";

-- Each state of each row of dim_date, current from batch to until_batch, which is null for the present one.
create or replace view dim_date_states as
with events as (
  select "date_id", "year", "month", "day", "day_of_week", "day_name", "month_name", "quarter", "batch", 0 as "is_deletion" from "dim_date" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "date_id", "year", "month", "day", "day_of_week", "day_name", "month_name", "quarter", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "year" is not distinct from lag("year") over earlier
               and "month" is not distinct from lag("month") over earlier
               and "day" is not distinct from lag("day") over earlier
               and "day_of_week" is not distinct from lag("day_of_week") over earlier
               and "day_name" is not distinct from lag("day_name") over earlier
               and "month_name" is not distinct from lag("month_name") over earlier
               and "quarter" is not distinct from lag("quarter") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "date_id" order by "batch"))
select "date_id", "year", "month", "day", "day_of_week", "day_name", "month_name", "quarter", "batch", "until_batch"
  from (select "date_id", "year", "month", "day", "day_of_week", "day_name", "month_name", "quarter", "batch", "is_deletion", nullif(lead("batch") over (partition by "date_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- The present values of each row of dim_design.
create or replace view current_dim_design as
select t."design_id", t."design_name", t."file_location", t."file_name", t."batch"
  from "dim_design" t
  join (select "design_id" as id, max("batch") as newest
          from (select "design_id", "batch" from "dim_design" where "batch" <= (select max("batch") from "published_batches")) e
         group by "design_id") n on n.id = t."design_id" and n.newest = t."batch";

-- Each state of each row of dim_design, current from batch to until_batch, which is null for the present one.
create or replace view dim_design_states as
with events as (
  select "design_id", "design_name", "file_location", "file_name", "batch", 0 as "is_deletion" from "dim_design" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "design_id", "design_name", "file_location", "file_name", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "design_name" is not distinct from lag("design_name") over earlier
               and "file_location" is not distinct from lag("file_location") over earlier
               and "file_name" is not distinct from lag("file_name") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "design_id" order by "batch"))
select "design_id", "design_name", "file_location", "file_name", "batch", "until_batch"
  from (select "design_id", "design_name", "file_location", "file_name", "batch", "is_deletion", nullif(lead("batch") over (partition by "design_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- The present values of each row of dim_location.
create or replace view current_dim_location as
select t."location_id", t."address_line_1", t."address_line_2", t."district", t."city", t."postal_code", t."country", t."phone", t."batch"
  from "dim_location" t
  join (select "location_id" as id, max("batch") as newest
          from (select "location_id", "batch" from "dim_location" where "batch" <= (select max("batch") from "published_batches")) e
         group by "location_id") n on n.id = t."location_id" and n.newest = t."batch";

-- Each state of each row of dim_location, current from batch to until_batch, which is null for the present one.
create or replace view dim_location_states as
with events as (
  select "location_id", "address_line_1", "address_line_2", "district", "city", "postal_code", "country", "phone", "batch", 0 as "is_deletion" from "dim_location" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "location_id", "address_line_1", "address_line_2", "district", "city", "postal_code", "country", "phone", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "address_line_1" is not distinct from lag("address_line_1") over earlier
               and "address_line_2" is not distinct from lag("address_line_2") over earlier
               and "district" is not distinct from lag("district") over earlier
               and "city" is not distinct from lag("city") over earlier
               and "postal_code" is not distinct from lag("postal_code") over earlier
               and "country" is not distinct from lag("country") over earlier
               and "phone" is not distinct from lag("phone") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "location_id" order by "batch"))
select "location_id", "address_line_1", "address_line_2", "district", "city", "postal_code", "country", "phone", "batch", "until_batch"
  from (select "location_id", "address_line_1", "address_line_2", "district", "city", "postal_code", "country", "phone", "batch", "is_deletion", nullif(lead("batch") over (partition by "location_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- The present values of each row of dim_payment_type.
create or replace view current_dim_payment_type as
select t."payment_type_id", t."payment_type_name", t."batch"
  from "dim_payment_type" t
  join (select "payment_type_id" as id, max("batch") as newest
          from (select "payment_type_id", "batch" from "dim_payment_type" where "batch" <= (select max("batch") from "published_batches")) e
         group by "payment_type_id") n on n.id = t."payment_type_id" and n.newest = t."batch";

-- Each state of each row of dim_payment_type, current from batch to until_batch, which is null for the present one.
create or replace view dim_payment_type_states as
with events as (
  select "payment_type_id", "payment_type_name", "batch", 0 as "is_deletion" from "dim_payment_type" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "payment_type_id", "payment_type_name", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "payment_type_name" is not distinct from lag("payment_type_name") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "payment_type_id" order by "batch"))
select "payment_type_id", "payment_type_name", "batch", "until_batch"
  from (select "payment_type_id", "payment_type_name", "batch", "is_deletion", nullif(lead("batch") over (partition by "payment_type_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- The present values of each row of dim_staff.
create or replace view current_dim_staff as
select t."staff_id", t."first_name", t."last_name", t."department_name", t."location", t."email_address", t."batch"
  from "dim_staff" t
  join (select "staff_id" as id, max("batch") as newest
          from (select "staff_id", "batch" from "dim_staff" where "batch" <= (select max("batch") from "published_batches")) e
         group by "staff_id") n on n.id = t."staff_id" and n.newest = t."batch";

-- Each state of each row of dim_staff, current from batch to until_batch, which is null for the present one.
create or replace view dim_staff_states as
with events as (
  select "staff_id", "first_name", "last_name", "department_name", "location", "email_address", "batch", 0 as "is_deletion" from "dim_staff" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "staff_id", "first_name", "last_name", "department_name", "location", "email_address", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "first_name" is not distinct from lag("first_name") over earlier
               and "last_name" is not distinct from lag("last_name") over earlier
               and "department_name" is not distinct from lag("department_name") over earlier
               and "location" is not distinct from lag("location") over earlier
               and "email_address" is not distinct from lag("email_address") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "staff_id" order by "batch"))
select "staff_id", "first_name", "last_name", "department_name", "location", "email_address", "batch", "until_batch"
  from (select "staff_id", "first_name", "last_name", "department_name", "location", "email_address", "batch", "is_deletion", nullif(lead("batch") over (partition by "staff_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- The present values of each row of dim_transaction.
create or replace view current_dim_transaction as
select t."transaction_id", t."transaction_type", t."sales_order_id", t."purchase_order_id", t."batch"
  from "dim_transaction" t
  join (select "transaction_id" as id, max("batch") as newest
          from (select "transaction_id", "batch" from "dim_transaction" where "batch" <= (select max("batch") from "published_batches")) e
         group by "transaction_id") n on n.id = t."transaction_id" and n.newest = t."batch";

-- Each state of each row of dim_transaction, current from batch to until_batch, which is null for the present one.
create or replace view dim_transaction_states as
with events as (
  select "transaction_id", "transaction_type", "sales_order_id", "purchase_order_id", "batch", 0 as "is_deletion" from "dim_transaction" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "transaction_id", "transaction_type", "sales_order_id", "purchase_order_id", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "transaction_type" is not distinct from lag("transaction_type") over earlier
               and "sales_order_id" is not distinct from lag("sales_order_id") over earlier
               and "purchase_order_id" is not distinct from lag("purchase_order_id") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "transaction_id" order by "batch"))
select "transaction_id", "transaction_type", "sales_order_id", "purchase_order_id", "batch", "until_batch"
  from (select "transaction_id", "transaction_type", "sales_order_id", "purchase_order_id", "batch", "is_deletion", nullif(lead("batch") over (partition by "transaction_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- The present values of each row of fact_payment.
create or replace view current_fact_payment as
select t."payment_id", t."created_date", t."created_at", t."last_updated_date", t."last_updated_at", t."transaction_id", t."counterparty_id", t."payment_amount", t."currency_id", t."payment_type_id", t."paid", t."payment_date", t."batch"
  from "fact_payment" t
  join (select "payment_id" as id, max("batch") as newest
          from (select "payment_id", "batch" from "fact_payment" where "batch" <= (select max("batch") from "published_batches")
                union all select "payment_id", "batch" from "deleted_fact_payment" where "batch" <= (select max("batch") from "published_batches")) e
         group by "payment_id") n on n.id = t."payment_id" and n.newest = t."batch";

-- Each state of each row of fact_payment, current from batch to until_batch, which is null for the present one.
create or replace view fact_payment_states as
with events as (
  select "payment_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "transaction_id", "counterparty_id", "payment_amount", "currency_id", "payment_type_id", "paid", "payment_date", "batch", 0 as "is_deletion" from "fact_payment" where "batch" <= (select max("batch") from "published_batches")
  union all select "payment_id", null, null, null, null, null, null, null, null, null, null, null, "batch", 1 from "deleted_fact_payment" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "payment_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "transaction_id", "counterparty_id", "payment_amount", "currency_id", "payment_type_id", "paid", "payment_date", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "created_date" is not distinct from lag("created_date") over earlier
               and "created_at" is not distinct from lag("created_at") over earlier
               and "last_updated_date" is not distinct from lag("last_updated_date") over earlier
               and "last_updated_at" is not distinct from lag("last_updated_at") over earlier
               and "transaction_id" is not distinct from lag("transaction_id") over earlier
               and "counterparty_id" is not distinct from lag("counterparty_id") over earlier
               and "payment_amount" is not distinct from lag("payment_amount") over earlier
               and "currency_id" is not distinct from lag("currency_id") over earlier
               and "payment_type_id" is not distinct from lag("payment_type_id") over earlier
               and "paid" is not distinct from lag("paid") over earlier
               and "payment_date" is not distinct from lag("payment_date") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "payment_id" order by "batch"))
select "payment_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "transaction_id", "counterparty_id", "payment_amount", "currency_id", "payment_type_id", "paid", "payment_date", "batch", "until_batch"
  from (select "payment_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "transaction_id", "counterparty_id", "payment_amount", "currency_id", "payment_type_id", "paid", "payment_date", "batch", "is_deletion", nullif(lead("batch") over (partition by "payment_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- Each version of each row of fact_payment, numbered from 1: its values, and the batch that brought them.
create or replace view fact_payment_versions as
with events as (
  select "payment_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "transaction_id", "counterparty_id", "payment_amount", "currency_id", "payment_type_id", "paid", "payment_date", "batch", 0 as "is_deletion" from "fact_payment" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "payment_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "transaction_id", "counterparty_id", "payment_amount", "currency_id", "payment_type_id", "paid", "payment_date", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "created_date" is not distinct from lag("created_date") over earlier
               and "created_at" is not distinct from lag("created_at") over earlier
               and "last_updated_date" is not distinct from lag("last_updated_date") over earlier
               and "last_updated_at" is not distinct from lag("last_updated_at") over earlier
               and "transaction_id" is not distinct from lag("transaction_id") over earlier
               and "counterparty_id" is not distinct from lag("counterparty_id") over earlier
               and "payment_amount" is not distinct from lag("payment_amount") over earlier
               and "currency_id" is not distinct from lag("currency_id") over earlier
               and "payment_type_id" is not distinct from lag("payment_type_id") over earlier
               and "paid" is not distinct from lag("paid") over earlier
               and "payment_date" is not distinct from lag("payment_date") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "payment_id" order by "batch"))
select "payment_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "transaction_id", "counterparty_id", "payment_amount", "currency_id", "payment_type_id", "paid", "payment_date", "batch",
       row_number() over (partition by "payment_id" order by "batch") as "version"
  from changes
 where is_change = 1;

-- The present values of each row of fact_purchase_orders.
create or replace view current_fact_purchase_orders as
select t."purchase_order_id", t."created_date", t."created_at", t."last_updated_date", t."last_updated_at", t."staff_id", t."counterparty_id", t."item_code", t."item_quantity", t."item_unit_price", t."currency_id", t."agreed_delivery_date", t."agreed_payment_date", t."agreed_delivery_location_id", t."batch"
  from "fact_purchase_orders" t
  join (select "purchase_order_id" as id, max("batch") as newest
          from (select "purchase_order_id", "batch" from "fact_purchase_orders" where "batch" <= (select max("batch") from "published_batches")
                union all select "purchase_order_id", "batch" from "deleted_fact_purchase_orders" where "batch" <= (select max("batch") from "published_batches")) e
         group by "purchase_order_id") n on n.id = t."purchase_order_id" and n.newest = t."batch";

-- Each state of each row of fact_purchase_orders, current from batch to until_batch, which is null for the present one.
create or replace view fact_purchase_orders_states as
with events as (
  select "purchase_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "staff_id", "counterparty_id", "item_code", "item_quantity", "item_unit_price", "currency_id", "agreed_delivery_date", "agreed_payment_date", "agreed_delivery_location_id", "batch", 0 as "is_deletion" from "fact_purchase_orders" where "batch" <= (select max("batch") from "published_batches")
  union all select "purchase_order_id", null, null, null, null, null, null, null, null, null, null, null, null, null, "batch", 1 from "deleted_fact_purchase_orders" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "purchase_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "staff_id", "counterparty_id", "item_code", "item_quantity", "item_unit_price", "currency_id", "agreed_delivery_date", "agreed_payment_date", "agreed_delivery_location_id", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "created_date" is not distinct from lag("created_date") over earlier
               and "created_at" is not distinct from lag("created_at") over earlier
               and "last_updated_date" is not distinct from lag("last_updated_date") over earlier
               and "last_updated_at" is not distinct from lag("last_updated_at") over earlier
               and "staff_id" is not distinct from lag("staff_id") over earlier
               and "counterparty_id" is not distinct from lag("counterparty_id") over earlier
               and "item_code" is not distinct from lag("item_code") over earlier
               and "item_quantity" is not distinct from lag("item_quantity") over earlier
               and "item_unit_price" is not distinct from lag("item_unit_price") over earlier
               and "currency_id" is not distinct from lag("currency_id") over earlier
               and "agreed_delivery_date" is not distinct from lag("agreed_delivery_date") over earlier
               and "agreed_payment_date" is not distinct from lag("agreed_payment_date") over earlier
               and "agreed_delivery_location_id" is not distinct from lag("agreed_delivery_location_id") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "purchase_order_id" order by "batch"))
select "purchase_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "staff_id", "counterparty_id", "item_code", "item_quantity", "item_unit_price", "currency_id", "agreed_delivery_date", "agreed_payment_date", "agreed_delivery_location_id", "batch", "until_batch"
  from (select "purchase_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "staff_id", "counterparty_id", "item_code", "item_quantity", "item_unit_price", "currency_id", "agreed_delivery_date", "agreed_payment_date", "agreed_delivery_location_id", "batch", "is_deletion", nullif(lead("batch") over (partition by "purchase_order_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- Each version of each row of fact_purchase_orders, numbered from 1: its values, and the batch that brought them.
create or replace view fact_purchase_orders_versions as
with events as (
  select "purchase_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "staff_id", "counterparty_id", "item_code", "item_quantity", "item_unit_price", "currency_id", "agreed_delivery_date", "agreed_payment_date", "agreed_delivery_location_id", "batch", 0 as "is_deletion" from "fact_purchase_orders" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "purchase_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "staff_id", "counterparty_id", "item_code", "item_quantity", "item_unit_price", "currency_id", "agreed_delivery_date", "agreed_payment_date", "agreed_delivery_location_id", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "created_date" is not distinct from lag("created_date") over earlier
               and "created_at" is not distinct from lag("created_at") over earlier
               and "last_updated_date" is not distinct from lag("last_updated_date") over earlier
               and "last_updated_at" is not distinct from lag("last_updated_at") over earlier
               and "staff_id" is not distinct from lag("staff_id") over earlier
               and "counterparty_id" is not distinct from lag("counterparty_id") over earlier
               and "item_code" is not distinct from lag("item_code") over earlier
               and "item_quantity" is not distinct from lag("item_quantity") over earlier
               and "item_unit_price" is not distinct from lag("item_unit_price") over earlier
               and "currency_id" is not distinct from lag("currency_id") over earlier
               and "agreed_delivery_date" is not distinct from lag("agreed_delivery_date") over earlier
               and "agreed_payment_date" is not distinct from lag("agreed_payment_date") over earlier
               and "agreed_delivery_location_id" is not distinct from lag("agreed_delivery_location_id") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "purchase_order_id" order by "batch"))
select "purchase_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "staff_id", "counterparty_id", "item_code", "item_quantity", "item_unit_price", "currency_id", "agreed_delivery_date", "agreed_payment_date", "agreed_delivery_location_id", "batch",
       row_number() over (partition by "purchase_order_id" order by "batch") as "version"
  from changes
 where is_change = 1;

-- The present values of each row of fact_sales_order.
create or replace view current_fact_sales_order as
select t."sales_order_id", t."created_date", t."created_at", t."last_updated_date", t."last_updated_at", t."sales_staff_id", t."counterparty_id", t."units_sold", t."unit_price", t."currency_id", t."design_id", t."agreed_payment_date", t."agreed_delivery_date", t."agreed_delivery_location_id", t."batch"
  from "fact_sales_order" t
  join (select "sales_order_id" as id, max("batch") as newest
          from (select "sales_order_id", "batch" from "fact_sales_order" where "batch" <= (select max("batch") from "published_batches")
                union all select "sales_order_id", "batch" from "deleted_fact_sales_order" where "batch" <= (select max("batch") from "published_batches")) e
         group by "sales_order_id") n on n.id = t."sales_order_id" and n.newest = t."batch";

-- Each state of each row of fact_sales_order, current from batch to until_batch, which is null for the present one.
create or replace view fact_sales_order_states as
with events as (
  select "sales_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "sales_staff_id", "counterparty_id", "units_sold", "unit_price", "currency_id", "design_id", "agreed_payment_date", "agreed_delivery_date", "agreed_delivery_location_id", "batch", 0 as "is_deletion" from "fact_sales_order" where "batch" <= (select max("batch") from "published_batches")
  union all select "sales_order_id", null, null, null, null, null, null, null, null, null, null, null, null, null, "batch", 1 from "deleted_fact_sales_order" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "sales_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "sales_staff_id", "counterparty_id", "units_sold", "unit_price", "currency_id", "design_id", "agreed_payment_date", "agreed_delivery_date", "agreed_delivery_location_id", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "created_date" is not distinct from lag("created_date") over earlier
               and "created_at" is not distinct from lag("created_at") over earlier
               and "last_updated_date" is not distinct from lag("last_updated_date") over earlier
               and "last_updated_at" is not distinct from lag("last_updated_at") over earlier
               and "sales_staff_id" is not distinct from lag("sales_staff_id") over earlier
               and "counterparty_id" is not distinct from lag("counterparty_id") over earlier
               and "units_sold" is not distinct from lag("units_sold") over earlier
               and "unit_price" is not distinct from lag("unit_price") over earlier
               and "currency_id" is not distinct from lag("currency_id") over earlier
               and "design_id" is not distinct from lag("design_id") over earlier
               and "agreed_payment_date" is not distinct from lag("agreed_payment_date") over earlier
               and "agreed_delivery_date" is not distinct from lag("agreed_delivery_date") over earlier
               and "agreed_delivery_location_id" is not distinct from lag("agreed_delivery_location_id") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "sales_order_id" order by "batch"))
select "sales_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "sales_staff_id", "counterparty_id", "units_sold", "unit_price", "currency_id", "design_id", "agreed_payment_date", "agreed_delivery_date", "agreed_delivery_location_id", "batch", "until_batch"
  from (select "sales_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "sales_staff_id", "counterparty_id", "units_sold", "unit_price", "currency_id", "design_id", "agreed_payment_date", "agreed_delivery_date", "agreed_delivery_location_id", "batch", "is_deletion", nullif(lead("batch") over (partition by "sales_order_id" order by "batch"), 0) as "until_batch" from changes where is_change = 1) s
 where "is_deletion" = 0;

-- Each version of each row of fact_sales_order, numbered from 1: its values, and the batch that brought them.
create or replace view fact_sales_order_versions as
with events as (
  select "sales_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "sales_staff_id", "counterparty_id", "units_sold", "unit_price", "currency_id", "design_id", "agreed_payment_date", "agreed_delivery_date", "agreed_delivery_location_id", "batch", 0 as "is_deletion" from "fact_sales_order" where "batch" <= (select max("batch") from "published_batches")),
changes as (
  select "sales_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "sales_staff_id", "counterparty_id", "units_sold", "unit_price", "currency_id", "design_id", "agreed_payment_date", "agreed_delivery_date", "agreed_delivery_location_id", "batch", "is_deletion",
         case when row_number() over earlier = 1 then 1
              when "created_date" is not distinct from lag("created_date") over earlier
               and "created_at" is not distinct from lag("created_at") over earlier
               and "last_updated_date" is not distinct from lag("last_updated_date") over earlier
               and "last_updated_at" is not distinct from lag("last_updated_at") over earlier
               and "sales_staff_id" is not distinct from lag("sales_staff_id") over earlier
               and "counterparty_id" is not distinct from lag("counterparty_id") over earlier
               and "units_sold" is not distinct from lag("units_sold") over earlier
               and "unit_price" is not distinct from lag("unit_price") over earlier
               and "currency_id" is not distinct from lag("currency_id") over earlier
               and "design_id" is not distinct from lag("design_id") over earlier
               and "agreed_payment_date" is not distinct from lag("agreed_payment_date") over earlier
               and "agreed_delivery_date" is not distinct from lag("agreed_delivery_date") over earlier
               and "agreed_delivery_location_id" is not distinct from lag("agreed_delivery_location_id") over earlier
               and "is_deletion" is not distinct from lag("is_deletion") over earlier then 0
              else 1 end as is_change
    from events
  window earlier as (partition by "sales_order_id" order by "batch"))
select "sales_order_id", "created_date", "created_at", "last_updated_date", "last_updated_at", "sales_staff_id", "counterparty_id", "units_sold", "unit_price", "currency_id", "design_id", "agreed_payment_date", "agreed_delivery_date", "agreed_delivery_location_id", "batch",
       row_number() over (partition by "sales_order_id" order by "batch") as "version"
  from changes
 where is_change = 1;
