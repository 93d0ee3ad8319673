-- Compares what is about to land with what is there, for days that had been landed before.
-- Each key is there once on both sides: it was checked before either landed.
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
WITH known_days AS (
    SELECT DISTINCT charge_period_start
    FROM cloud_cost_totals
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
),

old_rows AS (
    SELECT
        charge_period_start,
        sub_account_id,
        service_name,
        region_id,
        sku_meter,
        x_charge_type,
        billing_currency,
        billed_cost,
        effective_cost
    FROM cloud_costs
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
)

SELECT
    COALESCE(landing.charge_period_start, old_rows.charge_period_start) AS charge_period_start,
    COALESCE(landing.sub_account_id, old_rows.sub_account_id) AS sub_account_id,
    COALESCE(landing.service_name, old_rows.service_name) AS service_name,
    COALESCE(landing.region_id, old_rows.region_id) AS region_id,
    COALESCE(landing.sku_meter, old_rows.sku_meter) AS sku_meter,
    COALESCE(landing.x_charge_type, old_rows.x_charge_type) AS x_charge_type,
    COALESCE(landing.billing_currency, old_rows.billing_currency) AS billing_currency,
    CAST(:source AS VARCHAR) AS x_source,
    CASE
        WHEN old_rows.charge_period_start IS NULL THEN 'appeared'
        WHEN landing.charge_period_start IS NULL THEN 'vanished'
        ELSE 'changed'
    END AS x_change,
    old_rows.billed_cost AS old_billed_cost,
    landing.billed_cost AS new_billed_cost,
    old_rows.effective_cost AS old_effective_cost,
    landing.effective_cost AS new_effective_cost,
    CAST(:observed_at AS TIMESTAMP) AS x_observed_at,
    CAST(:run_id AS VARCHAR) AS x_run_id
FROM old_rows
FULL OUTER JOIN landing
    ON
        old_rows.charge_period_start = landing.charge_period_start
        AND old_rows.sub_account_id = landing.sub_account_id
        AND old_rows.service_name = landing.service_name
        AND old_rows.region_id = landing.region_id
        AND old_rows.sku_meter = landing.sku_meter
        AND old_rows.x_charge_type = landing.x_charge_type
        AND old_rows.billing_currency = landing.billing_currency
WHERE
    (
        old_rows.charge_period_start IS NULL
        AND landing.charge_period_start IN (SELECT known_days.charge_period_start FROM known_days)
    )
    OR landing.charge_period_start IS NULL
    OR old_rows.billed_cost <> landing.billed_cost
    OR old_rows.effective_cost <> landing.effective_cost
