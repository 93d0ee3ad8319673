-- The parts of a scope: what each cost on a day, and on the days of [start, day) together. An empty name of
-- the scope is any.
SELECT
    sub_account_id,
    service_name,
    sku_meter,
    region_id,
    SUM(CASE WHEN charge_period_start < :day THEN effective_cost ELSE 0 END) AS cost_before,
    SUM(CASE WHEN charge_period_start = :day THEN effective_cost ELSE 0 END) AS day_cost
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start <= :day
    AND x_source = :source
    AND x_charge_type = :charge_type
    AND billing_currency = :billing_currency
    AND (CAST(:account_id AS VARCHAR) = '' OR sub_account_id = :account_id)
    AND (CAST(:service AS VARCHAR) = '' OR service_name = :service)
    AND (CAST(:usage_type AS VARCHAR) = '' OR sku_meter = :usage_type)
    AND (CAST(:region AS VARCHAR) = '' OR region_id = :region)
GROUP BY
    sub_account_id,
    service_name,
    sku_meter,
    region_id
ORDER BY
    sub_account_id,
    service_name,
    sku_meter,
    region_id
