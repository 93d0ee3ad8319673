-- Each group may have one row a day.
SELECT
    charge_period_start,
    sub_account_id,
    service_name,
    region_id,
    sku_meter,
    x_charge_type,
    billing_currency,
    COUNT(*) AS found
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
GROUP BY
    charge_period_start,
    sub_account_id,
    service_name,
    region_id,
    sku_meter,
    x_charge_type,
    billing_currency
HAVING COUNT(*) > 1
