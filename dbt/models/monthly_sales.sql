-- One row for each month and currency: what was sold, as the source says today.
select d.year, d.month, c.currency_code, count(*) as orders, sum(f.units_sold * f.unit_price) as amount
  from {{ source('totesys', 'current_fact_sales_order') }} f
  join {{ source('totesys', 'dim_date') }} d on d.date_id = f.created_date
  join {{ source('totesys', 'dim_currency') }} c on c.currency_id = f.currency_id
 group by d.year, d.month, c.currency_code
