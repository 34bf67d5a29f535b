-- One row for each supplier and currency.
select f.counterparty_id, p.counterparty_legal_name, c.currency_code, count(*) as orders,
       sum(f.item_quantity * f.item_unit_price) as amount
  from {{ source('totesys', 'current_fact_purchase_orders') }} f
  join {{ source('totesys', 'dim_counterparty') }} p on p.counterparty_id = f.counterparty_id
  join {{ source('totesys', 'dim_currency') }} c on c.currency_id = f.currency_id
 group by f.counterparty_id, p.counterparty_legal_name, c.currency_code
