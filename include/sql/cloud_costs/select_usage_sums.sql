-- What every service cost on each day that has rows, and how many of them are not zero.
SELECT
    charge_period_start AS usage_date,
    billing_currency,
    service_name AS service,
    SUM(effective_cost) AS amount_usd,
    COUNT(CASE WHEN effective_cost <> 0 THEN 1 END) AS cells
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
    AND x_charge_type = :charge_type
GROUP BY
    charge_period_start,
    billing_currency,
    service_name
