-- A row says what it is for, and in which currency.
SELECT
    charge_period_start,
    sub_account_id,
    service_name,
    x_charge_type,
    billing_currency,
    billed_cost,
    effective_cost
FROM cloud_costs
WHERE
    charge_period_start >= :start
    AND charge_period_start < :end
    AND x_source = :source
    AND (
        billed_cost IS NULL
        OR effective_cost IS NULL
        OR billing_currency IS NULL
        OR billing_currency = ''
        OR x_charge_type IS NULL
        OR x_charge_type = ''
        OR service_name IS NULL
        OR service_name = ''
    )
