INSERT INTO cloud_cost_totals (
    charge_period_start,
    billing_currency,
    billed_cost,
    effective_cost,
    x_groups,
    x_grain,
    x_estimated,
    x_summed,
    x_source,
    x_observed_at,
    x_run_id
)
SELECT
    charge_period_start,
    billing_currency,
    billed_cost,
    effective_cost,
    x_groups,
    x_grain,
    x_estimated,
    x_summed,
    CAST(:source AS VARCHAR) AS x_source,
    CAST(:observed_at AS TIMESTAMP) AS x_observed_at,
    CAST(:run_id AS VARCHAR) AS x_run_id
FROM landing_totals
