INSERT INTO cloud_cost_totals (
    charge_period_start,
    billing_currency,
    x_source,
    billed_cost,
    effective_cost,
    x_groups,
    x_grain,
    x_estimated,
    x_observed_at,
    x_run_id
)
VALUES (
    :charge_period_start,
    :billing_currency,
    :source,
    :billed_cost,
    :effective_cost,
    :groups,
    :grain,
    :estimated,
    :observed_at,
    :run_id
)
