-- One row for each version of a sales order, with the batch that brought it. Versions are never changed, and their record
-- ids rise in the order of the batches, so a run adds the rows that lie above the highest record id that it has.
{{ config(materialized='incremental', unique_key='sales_record_id') }}

select f.*, f.units_sold * f.unit_price as amount,
       (select l.batch from {{ source('etl', 'ledger') }} l
         where (l.last_record_ids ->> 'fact_sales_order')::bigint >= f.sales_record_id
         order by (l.last_record_ids ->> 'fact_sales_order')::bigint, l.batch limit 1) as batch
  from {{ source('totesys', 'fact_sales_order') }} f
{% if is_incremental() %}
 where f.sales_record_id > (select coalesce(max(sales_record_id), 0) from {{ this }})
{% endif %}
