-- The bill by day, account and type of charge: what is billed, credits and taxes included.
SELECT
    charge_period_start,
    sub_account_id,
    x_charge_type,
    billing_currency,
    SUM(billed_cost) AS daily_cost
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
GROUP BY
    charge_period_start,
    sub_account_id,
    x_charge_type,
    billing_currency
