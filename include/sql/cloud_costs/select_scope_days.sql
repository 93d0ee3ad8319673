-- The usage of one scope by day; an empty name means all of them.
SELECT
    charge_period_start,
    SUM(effective_cost) AS daily_cost
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
    AND x_charge_type = :charge_type
    AND billing_currency = :billing_currency
    AND (CAST(:account_id AS VARCHAR) = '' OR sub_account_id = :account_id)
    AND (CAST(:service AS VARCHAR) = '' OR service_name = :service)
    AND (CAST(:usage_type AS VARCHAR) = '' OR sku_meter = :usage_type)
    AND (CAST(:region AS VARCHAR) = '' OR region_id = :region)
GROUP BY charge_period_start
ORDER BY charge_period_start
