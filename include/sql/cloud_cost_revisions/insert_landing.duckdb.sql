INSERT INTO cloud_cost_revisions (
    charge_period_start,
    sub_account_id,
    service_name,
    region_id,
    sku_meter,
    x_charge_type,
    billing_currency,
    x_source,
    x_change,
    old_billed_cost,
    new_billed_cost,
    old_effective_cost,
    new_effective_cost,
    x_observed_at,
    x_run_id
)
SELECT
    charge_period_start,
    sub_account_id,
    service_name,
    region_id,
    sku_meter,
    x_charge_type,
    billing_currency,
    CAST(:source AS VARCHAR) AS x_source,
    x_change,
    old_billed_cost,
    new_billed_cost,
    old_effective_cost,
    new_effective_cost,
    CAST(:observed_at AS TIMESTAMP) AS x_observed_at,
    CAST(:run_id AS VARCHAR) AS x_run_id
FROM landing_revisions
