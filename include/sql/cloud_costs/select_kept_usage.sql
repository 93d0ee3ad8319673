-- What could be a spike, by the rule of domain/fold.py: the amounts of :trace or more of series that have a
-- day of :least or more; and, as the usage type :smaller, all that the account x services of those cost, and
-- others that cost :least on one of the recent days.
-- Amounts are compared first, since few are so large: Postgres would begin with the texts of every row.
WITH large AS MATERIALIZED (
    SELECT
        charge_period_start,
        sub_account_id,
        service_name,
        sku_meter,
        region_id,
        effective_cost,
        x_source,
        x_charge_type,
        billing_currency
    FROM cloud_costs
    WHERE
        ABS(effective_cost) >= CAST(:trace AS DECIMAL(38, 12))
        AND charge_period_start >= :start
        AND charge_period_start < :end
),

amounts AS (
    SELECT
        charge_period_start,
        sub_account_id,
        service_name,
        sku_meter,
        region_id,
        effective_cost
    FROM large
    WHERE
        x_source = :source
        AND x_charge_type = :charge_type
        AND billing_currency = :billing_currency
),

kept AS (
    SELECT DISTINCT
        sub_account_id,
        service_name,
        sku_meter,
        region_id
    FROM amounts
    WHERE ABS(effective_cost) >= CAST(:least AS DECIMAL(38, 12))
),

unsummed AS (
    SELECT DISTINCT charge_period_start
    FROM cloud_cost_totals
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
        AND NOT x_summed
),

sums AS NOT MATERIALIZED (
    SELECT
        charge_period_start,
        sub_account_id,
        service_name,
        effective_cost
    FROM usage_sums
    WHERE
        charge_period_start >= :start
        AND charge_period_start < :end
        AND x_source = :source
        AND billing_currency = :billing_currency
    UNION ALL
    SELECT
        cloud_costs.charge_period_start,
        cloud_costs.sub_account_id,
        cloud_costs.service_name,
        SUM(cloud_costs.effective_cost) AS effective_cost
    FROM cloud_costs
    INNER JOIN unsummed
        ON cloud_costs.charge_period_start = unsummed.charge_period_start
    WHERE
        cloud_costs.x_source = :source
        AND cloud_costs.x_charge_type = :charge_type
        AND cloud_costs.billing_currency = :billing_currency
    GROUP BY
        cloud_costs.charge_period_start,
        cloud_costs.sub_account_id,
        cloud_costs.service_name
),

pairs AS (
    SELECT
        sub_account_id,
        service_name
    FROM kept
    UNION
    SELECT
        sub_account_id,
        service_name
    FROM sums
    WHERE charge_period_start >= :recent
    GROUP BY
        sub_account_id,
        service_name
    HAVING MAX(ABS(effective_cost)) >= CAST(:least AS DECIMAL(38, 12))
)

SELECT
    amounts.charge_period_start AS usage_date,
    amounts.sub_account_id AS account_id,
    amounts.service_name AS service,
    amounts.sku_meter AS usage_type,
    amounts.region_id AS region,
    amounts.effective_cost AS amount_usd
FROM amounts
INNER JOIN kept
    ON
        amounts.sub_account_id = kept.sub_account_id
        AND amounts.service_name = kept.service_name
        AND amounts.sku_meter = kept.sku_meter
        AND amounts.region_id = kept.region_id
UNION ALL
SELECT
    sums.charge_period_start AS usage_date,
    sums.sub_account_id AS account_id,
    sums.service_name AS service,
    CAST(:smaller AS VARCHAR) AS usage_type,
    '' AS region,
    sums.effective_cost AS amount_usd
FROM sums
INNER JOIN pairs
    ON
        sums.sub_account_id = pairs.sub_account_id
        AND sums.service_name = pairs.service_name
