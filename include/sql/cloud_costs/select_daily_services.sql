-- The usage of every account and service by day, as it is judged.
SELECT
    charge_period_start,
    sub_account_id,
    service_name,
    billing_currency,
    SUM(effective_cost) AS daily_cost
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
    AND x_charge_type = :charge_type
GROUP BY
    charge_period_start,
    sub_account_id,
    service_name,
    billing_currency
