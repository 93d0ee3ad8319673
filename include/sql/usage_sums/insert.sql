INSERT INTO usage_sums (
    charge_period_start,
    sub_account_id,
    service_name,
    billing_currency,
    effective_cost,
    x_costs,
    x_source
)
SELECT
    charge_period_start,
    sub_account_id,
    service_name,
    billing_currency,
    effective_cost,
    x_costs,
    CAST(:source AS VARCHAR) AS x_source
FROM landing_sums
